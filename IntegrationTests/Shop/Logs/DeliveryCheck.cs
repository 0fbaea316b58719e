using System.Collections.Concurrent;
using System.Globalization;
using Kaffediem.IntegrationTests.Shop.Screens;

namespace Kaffediem.IntegrationTests.Shop.Logs;

/// <summary>A line of the change log, as far as it says who must be told.</summary>
internal sealed record LoggedChange
{
    public required long Seq { get; init; }

    public required string Collection { get; init; }

    /// <summary>Of an order: whose it was before; <c>null</c>: nobody's, or there was none.</summary>
    public required long? CustomerBefore { get; init; }

    /// <summary>Of an order: whose it is then.</summary>
    public required long? CustomerAfter { get; init; }
}

/// <summary>
/// Compares what screens were told with the change log: nothing is missing, nothing is there twice. The log is read bit
/// by bit, before it is pruned.
/// </summary>
internal sealed class DeliveryCheck
{
    private const string Everything = "";

    private readonly Dictionary<(string Collection, string Customer), List<long>> _seqs = [];
    private readonly ConcurrentQueue<(string Name, ReceivedRange Told)> _told = new();

    public long LastSeq { get; private set; }

    /// <summary>How many parts were compared.</summary>
    public long Compared { get; private set; }

    /// <summary>Takes what somebody was told, to be compared later.</summary>
    public void Add(string name, IEnumerable<ReceivedRange> told)
    {
        foreach (var part in told)
        {
            _told.Enqueue((name, part));
        }
    }

    /// <summary>Compares what has been taken.</summary>
    /// <param name="readAfter">Reads the log after a seq.</param>
    /// <returns>What is wrong.</returns>
    public List<string> Verify(Func<long, IEnumerable<LoggedChange>> readAfter)
    {
        // In this order: what was told by now has been committed.
        var told = new List<(string Name, ReceivedRange Told)>();
        while (_told.TryDequeue(out var part))
        {
            told.Add(part);
        }

        foreach (var change in readAfter(LastSeq))
        {
            Take(change);
        }

        Compared += told.Count;
        return [.. told.Select(it => Difference(it.Name, it.Told)).OfType<string>()];
    }

    private void Take(LoggedChange change)
    {
        LastSeq = change.Seq;
        SeqsOf(change.Collection, Everything).Add(change.Seq);
        foreach (var customer in new[] { change.CustomerBefore, change.CustomerAfter }.Distinct().OfType<long>())
        {
            SeqsOf(change.Collection, Name(customer)).Add(change.Seq);
        }
    }

    private string? Difference(string name, ReceivedRange told)
    {
        if (told.View.Collection == ScreenView.Menu)
        {
            return null; // changes of the menu are merged; what it comes to is compared
        }

        var seqs = SeqsOf(told.View.Collection, told.View.CustomerId is { } customer ? Name(customer) : Everything);
        var first = IndexAfter(seqs, told.From);
        var wanted = seqs.GetRange(first, IndexAfter(seqs, told.To) - first);
        return wanted.SequenceEqual(told.Seqs) ? null
            : $"{name}, {told.View}, from {told.From} to {told.To}: not told {Join(wanted.Except(told.Seqs))}, "
                + $"told without reason {Join(told.Seqs.Except(wanted))}, of {told.Seqs.Count}";
    }

    private List<long> SeqsOf(string collection, string customer) =>
        _seqs.TryGetValue((collection, customer), out var seqs) ? seqs : _seqs[(collection, customer)] = [];

    private static int IndexAfter(List<long> seqs, long seq) =>
        seqs.BinarySearch(seq + 1) is var index && index < 0 ? ~index : index;

    private static string Name(long customer) => customer.ToString(CultureInfo.InvariantCulture);

    private static string Join(IEnumerable<long> seqs) => $"[{string.Join(' ', seqs.Take(10))}]";
}
