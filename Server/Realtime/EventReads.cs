using System.Buffers;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Orders;

namespace Kaffediem.Server.Realtime;

/// <summary>What event streams read from the database. Those that ask for the same at the same time share a read.</summary>
internal sealed class EventReads(Database database, OrderStore orders)
{
    // About what a stream writes in one go.
    private const int MaxChangesPerRead = 64;

    private readonly SharedReads<(string, OrderFilter, string)> _snapshots = new();
    private readonly SharedReads<View> _menus = new();

    /// <summary>
    /// The events <c>snapshot</c> of all collections, as they stood at one moment. Only the last has an id: a client that is
    /// cut off before it begins anew.
    /// </summary>
    public async Task<Snapshot> ReadSnapshotsAsync(EventViews views, CancellationToken cancellationToken)
    {
        await orders.BeginDayAsync(views.Filter, cancellationToken);
        return await _snapshots
            .GetAsync(views.Key, database.LastSeq, () => Snapshot.ReadAsync(database, transaction => Encode(transaction, views)))
            .WaitAsync(cancellationToken);
    }

    /// <summary>The menu as a change, taking into account everything up to a change of it or more.</summary>
    public Task<Snapshot> ReadMenuAsync(View menu, long changedSeq, CancellationToken cancellationToken) => _menus
        .GetAsync(menu, changedSeq, () =>
            Snapshot.ReadAsync(database, transaction => EncodeMenu(transaction, menu, changedSeq)))
        .WaitAsync(cancellationToken);

    /// <summary>Whether what came after a position can be told.</summary>
    public async Task<bool> CanTellSinceAsync(ChangePosition since, EventViews views, CancellationToken cancellationToken)
    {
        await orders.BeginDayAsync(views.Filter, cancellationToken);
        return await database.ReadAsync(transaction => CanTellSince(transaction, since), cancellationToken);
    }

    /// <summary>The first changes after a position, a few at most; <c>null</c> when they cannot be told.</summary>
    public Task<IReadOnlyList<ChangeView>?> ReadChangesAsync(ChangePosition since, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<ChangeView>?>(
            transaction => !CanTellSince(transaction, since)
                ? null
                : ChangeLog.ReadAfter(transaction, since.Seq, MaxChangesPerRead).Select(change => new ChangeView(change)).ToList(),
            cancellationToken);

    // Who has missed more is better off with the whole lists, as at a join.
    private static bool CanTellSince(ReadTransaction transaction, ChangePosition since) =>
        ChangeLog.CanTellSince(transaction, since) && transaction.Position.Seq - since.Seq <= CollectionSnapshots.MaxReplayed;

    private static ReadOnlyMemory<byte> Encode(ReadTransaction transaction, EventViews views)
    {
        var events = new ArrayBufferWriter<byte>();
        var last = views.All.Last();
        foreach (var view in views.All)
        {
            var json = CollectionSnapshots.Whole(transaction, view, recovered: null);
            ChangePosition? id = view == last ? transaction.Position : null;
            EventText.Write(events, "snapshot", id, view.Collection, json.Span);
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
