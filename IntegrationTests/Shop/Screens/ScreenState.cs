using System.Collections.Immutable;
using System.Text.Json;

namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>
/// A screen's records at some moment, by id, as JSON. The menu is a single record with the id 0. Immutable: a screen
/// may resume from it later.
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

    /// <summary>The state after a change; throws for a change that cannot follow.</summary>
    /// <param name="change">The change.</param>
    /// <param name="isReplayed">
    /// Whether the change is replayed after a reconnect. The menu is then sent in its current form, which may equal the
    /// one that the screen has: for example when an item got an image and lost it again meanwhile.
    /// </param>
    public ScreenState Apply(JsonElement change, bool isReplayed)
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

    // A user may press a button twice, so these may be written again unchanged. The menu and its parts must not be
    // broadcast then: that would overwrite what an administrator is typing (docs/design.md, "The front end").
    private bool MayBeSame => View.Collection is ScreenView.Order or "message" or "status";

    private static long IdOf(JsonElement record) => record.GetProperty("id").GetInt64();
}
