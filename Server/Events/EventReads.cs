using System.Buffers;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Server.Admission;
using Kaffediem.Server.Realtime;

namespace Kaffediem.Server.Events;

/// <summary>
/// What event streams read from the database. Those that ask for the same at the same time share a read.
/// </summary>
internal sealed class EventReads(Database database, OrderStore orders, LongReads reads)
{
    // About what a stream writes in one go.
    private const int MaxChangesPerRead = 64;

    private readonly SharedReads<(string, OrderFilter, string)> _snapshots = new(reads);
    private readonly SharedReads<View> _menus = new(reads);

    /// <summary>
    /// The events <c>snapshot</c> of all collections, as they stood at one moment. Only the last has an id: a client
    /// that is cut off before it begins anew.
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

    /// <summary>The menu as a change, taking into account everything up to a change of it or more.</summary>
    public Task<Snapshot> ReadMenuAsync(
        View menu, long changedSeq, Asker asker, CancellationToken cancellationToken) => _menus.GetAsync(
            menu,
            changedSeq,
            asker,
            ReadLane.Prompt,
            transaction => EncodeMenu(transaction, menu, changedSeq),
            cancellationToken);

    /// <summary>Whether what came after a position can be told.</summary>
    public async Task<bool> HasAllSinceAsync(
        ChangePosition since, EventViews views, CancellationToken cancellationToken)
    {
        await orders.BeginDayAsync(views.Filter, cancellationToken);
        return await database.ReadAsync(transaction => HasAllSince(transaction, since), cancellationToken);
    }

    /// <summary>
    /// The first changes after a position, a few at most; <c>null</c> when they cannot be replayed. A long read all the
    /// same: many of these follow each other, for a stream that lags behind what is in memory.
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

    // Who has missed more is better off with the whole lists, as at a join.
    private static bool HasAllSince(ReadTransaction transaction, ChangePosition since) =>
        ChangeLog.HasAllSince(transaction, since)
            && transaction.Position.Seq - since.Seq <= CollectionSnapshots.MaxReplayed;

    private static ReadOnlyMemory<byte> Encode(ReadTransaction transaction, EventViews views)
    {
        var snapshots = views.All
            .Select(view => (view.Collection, Json: CollectionSnapshots.Whole(transaction, view, recovered: null)))
            .ToList();
        var events = new ArrayBufferWriter<byte>(snapshots.Sum(snapshot => snapshot.Json.Length + 256));
        var last = snapshots[^1].Collection;
        foreach (var (collection, json) in snapshots)
        {
            ChangePosition? id = collection == last ? transaction.Position : null;
            EventText.Write(events, "snapshot", id, collection, json);
        }

        return events.WrittenMemory;
    }

    // Its seq is that of the last change it contains; if all of these are pruned meanwhile, of the one that is known.
    private static ReadOnlyMemory<byte> EncodeMenu(ReadTransaction transaction, View menu, long changedSeq)
    {
        var lastSeq = ChangeLog.LastSeqOf(transaction, Collections.LoggedAs(Collections.Menu), changedSeq - 1);
        return CollectionSnapshots.Menu(transaction, menu, lastSeq ?? changedSeq);
    }
}
