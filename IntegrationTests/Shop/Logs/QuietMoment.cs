using System.Collections.Concurrent;
using System.Text.Json;
using Kaffediem.IntegrationTests.Shop.Screens;
using Kaffediem.IntegrationTests.Shop.Servers;

namespace Kaffediem.IntegrationTests.Shop.Logs;

/// <summary>The database while nobody writes: its records, and all changes since the beginning.</summary>
internal sealed class QuietMoment
{
    private readonly Dictionary<string, RecordList> _records = [];
    private readonly ConcurrentDictionary<ScreenView, RecordList> _filtered = new();
    private readonly ShopLog _log;
    private readonly DateTimeOffset _dayStart;

    private QuietMoment(ShopLog log, DateTimeOffset dayStart) => (_log, _dayStart) = (log, dayStart);

    /// <summary>The last change.</summary>
    public long Seq => _log.LastSeq;

    /// <summary>Reads everything through the REST API.</summary>
    /// <param name="shop">The shop; nobody may write to it meanwhile.</param>
    /// <param name="log">All changes up to the last quiet moment; this continues it.</param>
    public static async Task<QuietMoment> LookAsync(RestartingShop shop, ShopLog log)
    {
        // Reading today's orders begins the day, if the clock has just been moved forward.
        var todays = new ScreenView(ScreenView.Order, ScreenView.Today);
        var today = await shop.ListAsync(ScreenView.Order, todays.Query);
        await log.ContinueAsync(shop.Database);
        var quiet = new QuietMoment(log, shop.DayStart);
        foreach (var collection in ShopLog.Collections)
        {
            quiet._records[collection] = await shop.ListAsync(collection, "");
        }

        quiet.Expected(todays).AssertSame(today, "GET today's orders");
        return quiet;
    }

    /// <summary>Whether the log still reaches back to a seq.</summary>
    public bool Knows(long seq) => _log.Knows(seq);

    /// <summary>Asserts that a GET with a filter returns what passes it.</summary>
    public async Task VerifyAsync(RestartingShop shop, ScreenView view) =>
        Expected(view).AssertSame(await shop.ListAsync(view.Collection, view.Query), $"GET {view.Query}");

    /// <summary>Sets the menu of a fresh join: every screen must show it. Its parts must equal the lists.</summary>
    public void SetMenu(string menu)
    {
        _records[ScreenView.Menu] = new RecordList(new Dictionary<long, string> { [0] = menu }); // as in ScreenState
        var indexes = JsonElement.Parse(menu).GetProperty("indexes");
        (string Collection, string Index)[] parts =
        [
            ("category", "categories"), ("item", "items"),
            ("customization_key", "customization_keys"), ("customization_value", "customization_values"),
        ];
        foreach (var (collection, index) in parts)
        {
            _records[collection].AssertSame(RecordList.Read(indexes.GetProperty(index)), $"the menu's {index}");
        }
    }

    /// <summary>The fault in the changes that a screen received; <c>null</c> without one.</summary>
    /// <param name="received">The changes.</param>
    /// <param name="isLast">Whether it must have received every change up to now.</param>
    public string? Mismatch(ReceivedRange received, bool isLast)
    {
        if (received.View.Collection == ScreenView.Menu)
        {
            return null; // changes are merged: only the last state counts
        }

        var expected = _log.SeqsFor(received.View, received.From, isLast ? Seq : received.To);
        return expected.SequenceEqual(received.Seqs)
            ? null
            : $"{received.View} received {Join(received.Seqs)} after {received.From} instead of {Join(expected)}";
    }

    /// <summary>The fault in a screen's state; <c>null</c> without one.</summary>
    public string? Mismatch(ScreenState state)
    {
        if (state.View.Collection == ScreenView.Menu && state.Seq < _log.LastMenuSeq)
        {
            return $"the menu at {state.Seq} is not the one of {_log.LastMenuSeq}";
        }

        var difference = Expected(state.View).Difference(state.Records);
        return difference is null ? null : $"{state.View}: {difference}";
    }

    /// <summary>Counts notable cases among the changes that a screen received.</summary>
    public void Count(ReceivedRange received, Tally tally)
    {
        if (received.View.Collection == ScreenView.Menu)
        {
            tally.Count("menus received", received.Seqs.Count);
            tally.Count("menus received that merge changes", _log.CountMerged(received));
        }
        else if (received.View.IsFiltered)
        {
            var (entered, left) = _log.CountMoves(received);
            tally.Count("orders that entered a filter by a change", entered);
            tally.Count("orders that left a filter by a change", left);
        }
    }

    private static string Join(IEnumerable<long> seqs) => $"[{string.Join(' ', seqs)}]";

    private RecordList Expected(ScreenView view) => view.IsFiltered
        ? _filtered.GetOrAdd(view, _ => _records[view.Collection].Where(order => view.Shows(order, _dayStart)))
        : _records[view.Collection];
}
