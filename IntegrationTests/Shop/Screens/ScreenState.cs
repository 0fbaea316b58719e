using System.Collections.Immutable;
using System.Text.Json;

namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>
/// What a screen knew at some moment: records by id, as JSON. The menu is a single record with the id 0. It does not
/// change: it is kept, and may be continued from later.
/// </summary>
internal sealed record ScreenState(
    ScreenView View, string Epoch, long Seq, ImmutableDictionary<long, string> Records)
{
    private bool IsMenu => View.Collection == ScreenView.Menu;

    /// <summary>Reads a snapshot; throws if it has a record twice.</summary>
    public static ScreenState Read(ScreenView view, JsonElement response)
    {
        var items = response.GetProperty("items");
        var records = view.Collection == ScreenView.Menu
            ? [KeyValuePair.Create(0L, items.GetRawText())]
            : items.EnumerateArray().Select(record => KeyValuePair.Create(IdOf(record), record.GetRawText())).ToList();
        if (records.DistinctBy(record => record.Key).Count() < records.Count)
        {
            throw new InvalidDataException("a record twice in the snapshot");
        }

        return new ScreenState(
            view,
            response.GetProperty("epoch").GetString()!,
            response.GetProperty("seq").GetInt64(),
            records.ToImmutableDictionary());
    }

    /// <summary>What it is after a change; throws for one that cannot follow.</summary>
    /// <param name="change">The change.</param>
    /// <param name="isReplayed">
    /// Whether it is told because it was missed. The menu comes then as it is now, which may be as it was when the
    /// screen went: an image that was given to an item and taken from it within a second.
    /// </param>
    public ScreenState Take(JsonElement change, bool isReplayed)
    {
        var (seq, record) = (change.GetProperty("seq").GetInt64(), change.GetProperty("record"));
        if (seq <= Seq)
        {
            throw new InvalidDataException($"its seq is not greater than {Seq}");
        }

        var id = IsMenu ? 0 : IdOf(record);
        var action = change.GetProperty("action").GetString()!;
        return this with { Seq = seq, Records = Apply(action, id, record.GetRawText(), IsMenu && isReplayed) };
    }

    private ImmutableDictionary<long, string> Apply(string action, long id, string json, bool mayBeSame) =>
        (action, Records.GetValueOrDefault(id)) switch
        {
            ("create", null) => Records.Add(id, json),
            ("update", { } known) when known != json || mayBeSame || MayBeSame => Records.SetItem(id, json),
            ("delete", not null) when json == $$"""{"id":{{id}}}""" && !IsMenu => Records.Remove(id),
            (_, var known) => throw new InvalidDataException($"cannot follow {known ?? "an unknown record"}"),
        };

    // These may be written again as they are: somebody has pressed a button twice. Of the menu and its parts nobody is
    // to be told then: it would overwrite what an administrator is typing (docs/design.md, "The front end").
    private bool MayBeSame => View.Collection is ScreenView.Order or "message" or "status";

    private static long IdOf(JsonElement record) => record.GetProperty("id").GetInt64();
}
