using System.Collections.Concurrent;
using System.Text.Json;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Catalog;

namespace Kaffediem.IntegrationTests.Realtime.Property;

/// <summary>The database while nobody writes: what is in it, and what has happened to it since the first moment.</summary>
internal sealed class QuietMoment
{
    private static readonly string[] Collections =
        ["category", "item", "customization_key", "customization_value", "message", "status", "order"];

    private static readonly Comparer<Change> SeqOrder = Comparer<Change>.Create((one, other) => one.Seq.CompareTo(other.Seq));

    private readonly Dictionary<string, Dictionary<long, string>> _records = [];
    private readonly ConcurrentDictionary<ScreenView, Dictionary<long, string>> _filtered = new();
    private readonly List<Change> _log;
    private readonly DateTimeOffset _dayStart;
    private readonly long _firstSeq;
    private string _menu = "";

    private QuietMoment(List<Change> log, DateTimeOffset dayStart, long firstSeq) =>
        (_log, _dayStart, _firstSeq) = (log, dayStart, firstSeq);

    /// <summary>The last change.</summary>
    public long Seq => _log[^1].Seq;

    /// <summary>Looks at everything, through the front door.</summary>
    /// <param name="shop">The shop; nobody writes to it meanwhile.</param>
    /// <param name="log">All changes up to the last quiet moment; is continued.</param>
    public static async Task<QuietMoment> LookAsync(Shop shop, List<Change> log)
    {
        // Who asks for today's orders begins the day, if the clock has just been put forward.
        var today = await ReadAsync(shop, "order", $"?from_date={ScreenView.Today}");
        await ContinueAsync(log, shop.Database);
        var first = await shop.Database.ReadChangesAsync(0, 1, CancellationToken.None);
        var quiet = new QuietMoment(log, shop.DayStart, first[0].Seq);
        foreach (var collection in Collections)
        {
            quiet._records[collection] = await ReadAsync(shop, collection, "");
        }

        Same(quiet.Expected(new ScreenView("order", ScreenView.Today)), today, "GET order?from_date=today");
        return quiet;
    }

    /// <summary>Whether the log still goes back to a seq.</summary>
    public bool Knows(long seq) => seq >= _firstSeq - 1;

    /// <summary>A GET with a filter must give what passes it.</summary>
    public async Task VerifyAsync(Shop shop, ScreenView view) =>
        Same(Expected(view), await ReadAsync(shop, "order", view.Query), $"GET order{view.Query}");

    /// <summary>What a fresh join gives is the menu that all must have; its parts must be as the lists.</summary>
    public void TakeMenu(string menu)
    {
        _menu = menu;
        var indexes = JsonElement.Parse(menu).GetProperty("indexes");
        (string Collection, string Index)[] parts =
        [
            ("category", "categories"), ("item", "items"),
            ("customization_key", "customization_keys"), ("customization_value", "customization_values"),
        ];
        foreach (var (collection, index) in parts)
        {
            Same(_records[collection], ById(indexes.GetProperty(index)), $"the menu's {index}");
        }
    }

    /// <summary>Whether something is wrong with the seqs that were told.</summary>
    public string? Mismatch(Told told, long from, long to)
    {
        var expected = ChangesIn(from, to)
            .Where(change => change.Collection == told.View.Collection && Shows(told.View, change))
            .Select(change => change.Seq)
            .ToList();
        return expected.SequenceEqual(told.Seqs)
            ? null
            : $"{told.View} from {from} to {to}: missing {List(expected.Except(told.Seqs))}, too many {List(told.Seqs.Except(expected))}";
    }

    /// <summary>Whether something is wrong with what a screen shows.</summary>
    public string? Mismatch(ScreenState state)
    {
        if (state.View.Collection == "menu")
        {
            var lastSeq = _log.FindLast(change => MenuQuery.Collections.Contains(change.Collection))?.Seq ?? 0;
            return IsSame(_menu, state.Records[0]) && state.Seq >= lastSeq ? null : $"the menu at {state.Seq} is not the one at {lastSeq}";
        }

        return Difference(Expected(state.View), state.Records) is { } difference ? $"{state.View}: {difference}" : null;
    }

    /// <summary>How many of the menus that were told had more than one change in them.</summary>
    public int Merged(Told told) => told.Seqs.Prepend(told.From).Zip(told.Seqs).Count(pair => ChangesIn(pair.First, pair.Second)
        .Count(change => MenuQuery.Collections.Contains(change.Collection)) > 1);

    private IEnumerable<Change> ChangesIn(long from, long to)
    {
        var first = _log.BinarySearch(_log[0] with { Seq = from + 1 }, SeqOrder);
        for (var index = first < 0 ? ~first : first; index < _log.Count && _log[index].Seq <= to; index++)
        {
            yield return _log[index];
        }
    }

    private static bool Shows(ScreenView view, Change change)
    {
        var (before, after) = (view.Shows(change.Before), view.Shows(change.After));
        return change.Collection != "order" || (change.Action == ChangeAction.DayOver ? before != after : before || after);
    }

    private static async Task ContinueAsync(List<Change> log, Database database)
    {
        while (await database.ReadChangesAsync(log.Count == 0 ? 0 : log[^1].Seq, 1000, CancellationToken.None) is { Count: > 0 } changes)
        {
            // The records themselves are not needed, and a hundred thousand of them are much.
            log.AddRange(changes.Select(change => change with { RecordJson = default }));
        }
    }

    private static async Task<Dictionary<long, string>> ReadAsync(Shop shop, string collection, string query)
    {
        var answer = await shop.Rest.GetAsync($"/api/collections/{collection}/records{query}");
        Assert.True(answer.Status == 200, $"GET {collection}{query}: {answer.Status} {answer.Text}");
        return ById(answer.Json.GetProperty("items"));
    }

    private static Dictionary<long, string> ById(JsonElement records) =>
        records.EnumerateArray().ToDictionary(record => record.GetProperty("id").GetInt64(), record => record.GetRawText());

    private static void Same(Dictionary<long, string> expected, Dictionary<long, string> actual, string where) =>
        Assert.True(Difference(expected, actual) is not { } difference, $"{where}: {Difference(expected, actual)}");

    private static string? Difference(Dictionary<long, string> expected, IReadOnlyDictionary<long, string> actual)
    {
        var missing = expected.Keys.Except(actual.Keys).ToList();
        var surplus = actual.Keys.Except(expected.Keys).ToList();
        var other = expected.Keys.Intersect(actual.Keys).Where(id => !IsSame(expected[id], actual[id])).ToList();
        return missing.Count + surplus.Count + other.Count == 0
            ? null
            : $"missing {List(missing)}, too many {List(surplus)}, other {List(other)}"
                + (other.Count == 0 ? "" : $": {actual[other[0]]} instead of {expected[other[0]]}");
    }

    private static bool IsSame(string one, string other) =>
        one == other || JsonElement.DeepEquals(JsonElement.Parse(one), JsonElement.Parse(other));

    private static string List(IEnumerable<long> numbers) => $"[{string.Join(", ", numbers.Take(10))}]";

    private Dictionary<long, string> Expected(ScreenView view) => view.IsFiltered
        ? _filtered.GetOrAdd(view, _ => _records["order"]
            .Where(order => view.Shows(JsonElement.Parse(order.Value), _dayStart))
            .ToDictionary(order => order.Key, order => order.Value))
        : _records[view.Collection];
}
