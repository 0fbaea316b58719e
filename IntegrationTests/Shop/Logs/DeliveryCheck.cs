using System.Collections.Concurrent;
using Kaffediem.IntegrationTests.Shop.Screens;
using Kaffediem.IntegrationTests.Shop.Servers;

namespace Kaffediem.IntegrationTests.Shop.Logs;

/// <summary>A change of the log, with what decides which screens must receive it.</summary>
internal sealed record LoggedChange
{
    public required long Seq { get; init; }

    public required string Collection { get; init; }

    /// <summary>The customer of an order before the change; <c>null</c>: none, or the order is new.</summary>
    public required long? CustomerBefore { get; init; }

    /// <summary>The customer of an order after the change.</summary>
    public required long? CustomerAfter { get; init; }
}

/// <summary>
/// Compares the changes that screens received with the change log: none is missing, none came twice. The log is read in
/// parts, before it is pruned.
/// </summary>
internal sealed class DeliveryCheck
{
    // The changes of a collection by customer; without one: all of them.
    private readonly Dictionary<(string Collection, long? Customer), List<long>> _seqs = [];
    private readonly ConcurrentQueue<(string Name, ReceivedRange Range)> _received = new();

    public long LastSeq { get; private set; }

    /// <summary>How many parts were compared.</summary>
    public long Compared { get; private set; }

    /// <summary>Adds the changes that a screen received, to be compared later.</summary>
    public void Add(string name, IEnumerable<ReceivedRange> received)
    {
        foreach (var part in received)
        {
            _received.Enqueue((name, part));
        }
    }

    /// <summary>The changes of a database after a seq; a day's end is broadcast to nobody here.</summary>
    public static List<LoggedChange> ReadLog(string database, long after) => SqliteFile.Query<LoggedChange>(
        database,
        $"""
          SELECT seq AS Seq, collection AS Collection,
                 before ->> 'customer_id' AS CustomerBefore, after ->> 'customer_id' AS CustomerAfter
            FROM change_log
           WHERE seq > {after}
             AND action <> 'day_over'
        ORDER BY seq
        """);

    /// <summary>
    /// Waits until screens have received the last change of each of their collections; by then each has received every
    /// change, once and in order.
    /// </summary>
    public async Task VerifyAsync(ShopFolder shop, IReadOnlyList<WatchingScreen> screens)
    {
        foreach (var collection in WatchingScreen.Collections)
        {
            var last = shop.Query<long>(
                $"SELECT MAX(seq) FROM change_log WHERE collection = '{collection}' AND action <> 'day_over'").Single();
            foreach (var screen in screens)
            {
                await screen.ReachAsync(collection, last);
                Add(screen.Name, screen.ReceivedOf(collection));
            }
        }

        Assert.Empty(Verify(after => ReadLog(shop.Database, after)));
    }

    /// <summary>Compares what was added.</summary>
    /// <param name="readAfter">Reads the log after a seq.</param>
    /// <returns>The differences.</returns>
    public List<string> Verify(Func<long, IEnumerable<LoggedChange>> readAfter)
    {
        // In this order: everything received by now has been committed.
        var received = new List<(string Name, ReceivedRange Range)>();
        while (_received.TryDequeue(out var part))
        {
            received.Add(part);
        }

        foreach (var change in readAfter(LastSeq))
        {
            Apply(change);
        }

        Compared += received.Count;
        return [.. received.Select(it => Difference(it.Name, it.Range)).OfType<string>()];
    }

    private void Apply(LoggedChange change)
    {
        LastSeq = change.Seq;
        foreach (var customer in new[] { null, change.CustomerBefore, change.CustomerAfter }.Distinct())
        {
            SeqsOf(change.Collection, customer).Add(change.Seq);
        }
    }

    private string? Difference(string name, ReceivedRange received)
    {
        if (received.View.Collection == ScreenView.Menu)
        {
            return null; // changes of the menu are merged; the resulting menu is compared instead
        }

        var view = received.View;
        var seqs = SeqsOf(view.Collection, view.CustomerId);
        var first = IndexAfter(seqs, received.From);
        var wanted = seqs.GetRange(first, IndexAfter(seqs, received.To) - first);
        return wanted.SequenceEqual(received.Seqs) ? null
            : $"{name}, {view}, from {received.From} to {received.To}: missed {Join(wanted.Except(received.Seqs))}, "
                + $"received without reason {Join(received.Seqs.Except(wanted))}, of {received.Seqs.Count}";
    }

    private List<long> SeqsOf(string collection, long? customer) =>
        _seqs.TryGetValue((collection, customer), out var seqs) ? seqs : _seqs[(collection, customer)] = [];

    private static int IndexAfter(List<long> seqs, long seq) =>
        seqs.BinarySearch(seq + 1) is var index && index < 0 ? ~index : index;

    private static string Join(IEnumerable<long> seqs) => $"[{string.Join(' ', seqs.Take(10))}]";
}
