using System.Buffers;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Server.Admission;
using Kaffediem.Server.Realtime;

namespace Kaffediem.Server.Events;

/// <summary>
/// Reads the database for event streams. Those that ask for the same at the same time share a read.
/// </summary>
internal sealed class EventReads(Database database, OrderStore orders, LongReads reads)
{
    // About what a stream writes in one go.
    private const int MaxChangesPerRead = 64;

    private readonly SharedReads<(string, OrderFilter, string)> _snapshots = new(reads);
    private readonly SharedReads<View> _menus = new(reads);

    /// <summary>
    /// The <c>snapshot</c> events of all collections, as of one moment. Only the last has an id: a client that is cut
    /// off before it starts again from the beginning.
    /// </summary>
    /// <exception cref="ReadRefusedException">A budget of the asker is used up.</exception>
    public async Task<Snapshot> ReadSnapshotsAsync(
        EventViews views, Asker asker, CancellationToken cancellationToken)
    {
        await orders.BeginDayAsync(views.Filter, cancellationToken);
        return await _snapshots.GetAsync(
            views.Key,
            database.LastSeq,
            asker,
            views.All.All(view => view.IsSmall) ? ReadLane.Prompt : asker.BulkLane,
            transaction => Encode(transaction, views),
            cancellationToken);
    }

    /// <summary>The menu as a change, which contains at least the changes up to a seq.</summary>
    public Task<Snapshot> ReadMenuAsync(
        View menu, long changedSeq, Asker asker, CancellationToken cancellationToken) => _menus.GetAsync(
            menu,
            changedSeq,
            asker,
            ReadLane.Prompt,
            transaction => EncodeMenu(transaction, menu, changedSeq),
            cancellationToken);

    /// <summary>Whether the changes after a position can be replayed.</summary>
    public async Task<bool> HasAllSinceAsync(
        ChangePosition since, EventViews views, CancellationToken cancellationToken)
    {
        await orders.BeginDayAsync(views.Filter, cancellationToken);
        return await database.ReadAsync(transaction => HasAllSince(transaction, since), cancellationToken);
    }

    /// <summary>
    /// The first changes after a position, a few at most; <c>null</c> when they cannot be replayed. Still a long read:
    /// a stream that lags behind the changes in memory makes many of these, one after the other.
    /// </summary>
    /// <exception cref="ReadRefusedException">A budget of the asker is used up.</exception>
    public Task<IReadOnlyList<ChangeView>?> ReadChangesAsync(
        ChangePosition since, Asker asker, CancellationToken cancellationToken) =>
        reads.ReadAsync<IReadOnlyList<ChangeView>?>(
            asker,
            transaction => !HasAllSince(transaction, since)
                ? null
                : ChangeLog.ReadAfter(transaction, since.Seq, MaxChangesPerRead)
                    .Select(change => new ChangeView(change))
                    .ToList(),
            cancellationToken);

    // A client that has missed more is better served with the whole lists, as at a join.
    private static bool HasAllSince(ReadTransaction transaction, ChangePosition since) =>
        ChangeLog.HasAllSince(transaction, since)
            && transaction.Position.Seq - since.Seq <= CollectionSnapshots.MaxReplayed;

    private static ReadOnlyMemory<byte> Encode(ReadTransaction transaction, EventViews views)
    {
        var snapshots = views.All
            .Select(view => (view.Collection.Name, Json: CollectionSnapshots.Whole(transaction, view, recovered: null)))
            .ToList();
        var events = new ArrayBufferWriter<byte>(snapshots.Sum(snapshot => snapshot.Json.Length + 256));
        var last = snapshots[^1].Name;
        foreach (var (collection, json) in snapshots)
        {
            ChangePosition? id = collection == last ? transaction.Position : null;
            EventText.Write(events, "snapshot", id, collection, json);
        }

        return events.WrittenMemory;
    }

    // Its seq is that of the last change it contains; if all of these have been pruned, that of the known one.
    private static ReadOnlyMemory<byte> EncodeMenu(ReadTransaction transaction, View menu, long changedSeq)
    {
        var lastSeq = ChangeLog.LastSeqOf(transaction, MenuQuery.Collections, changedSeq - 1);
        return CollectionSnapshots.Menu(transaction, menu, lastSeq ?? changedSeq);
    }
}
