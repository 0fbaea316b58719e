using System.Buffers;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Server.Admission;
using Kaffediem.Server.Catalog;
using Kaffediem.Server.Realtime;

namespace Kaffediem.Server.Events;

/// <summary>
/// One client's event stream. It pulls: it has a cursor into the log, and whenever there are further changes it writes
/// those that its views show. So a slow client has no queue that could grow, it only lags; between two writes the
/// stream holds nothing but its cursor. Every id is a position for all of its collections, so a client that reconnects
/// with it has missed nothing and gets nothing twice.
/// </summary>
internal sealed class EventStream(
    EventViews views,
    Asker asker,
    PacedOutput output,
    RecentChanges recent,
    EventReads reads,
    string epoch,
    MenuOptions options,
    TimeProvider time)
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _coalesce = TimeSpan.FromMilliseconds(options.CoalesceMs);

    // All changes up to it are written, except those of the menu from _menuChangedSeq on.
    private long _cursor;

    // The last position that the client was sent.
    private long _toldSeq;

    // The first change that the client's menu does not contain; null when it is up to date.
    private long? _menuChangedSeq;

    // The client's menu contains everything up to it.
    private long _menuSeq;

    private long? _menuSentAt;

    private ChangePosition Position => new(_cursor, epoch);

    /// <summary>
    /// Writes until the token or the client ends it, always with an <see cref="OperationCanceledException"/>.
    /// </summary>
    /// <param name="since">What the client has; <c>null</c>: nothing.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ReadRefusedException">A budget of the client's is used up; nothing was written.</exception>
    public async Task RunAsync(ChangePosition? since, CancellationToken cancellationToken)
    {
        await BeginAsync(since, cancellationToken);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await TryStepAsync(cancellationToken);
        }
    }

    // A separate method, so that nothing refers to the snapshots once it has ended.
    private async Task BeginAsync(ChangePosition? since, CancellationToken cancellationToken)
    {
        if (since is { } position && await reads.HasAllSinceAsync(position, views, cancellationToken))
        {
            await output.SendAsync(EventText.Retry.ToArray(), cancellationToken);
            BeginAt(position.Seq);
            return;
        }

        var snapshots = await reads.ReadSnapshotsAsync(views, asker, cancellationToken);
        await output.SendAsync(EventText.Retry.ToArray(), cancellationToken);
        await SendAsync(snapshots, cancellationToken);
    }

    // The stream has begun, so a refused read is repeated instead of answered.
    private async Task TryStepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await StepAsync(cancellationToken);
        }
        catch (ReadRefusedException)
        {
            await Task.Delay(PauseAfterRefusal, time, cancellationToken);
        }
    }

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        switch (await FillAsync(cancellationToken))
        {
            case Filled.Untold: await SendSnapshotsAsync(cancellationToken); break;
            case Filled.MenuFirst: await SendMenuAsync(cancellationToken); break;
            case Filled.Written: await output.FlushAsync(cancellationToken); break;
            case Filled.Nothing when UntilMenu() <= TimeSpan.Zero: await SendMenuAsync(cancellationToken); break;
            case Filled.Nothing when output.Silence >= KeepAlive: await SendKeepAliveAsync(cancellationToken); break;
            default: await WaitAsync(cancellationToken); break;
        }
    }

    // A separate method, so that nothing refers to the changes once it has ended.
    private async Task<Filled> FillAsync(CancellationToken cancellationToken)
    {
        var changes = recent.After(_cursor) ?? await reads.ReadChangesAsync(Position, asker, cancellationToken);
        if (changes is null)
        {
            return Filled.Untold;
        }

        foreach (var change in changes)
        {
            if (output.IsFull)
            {
                break;
            }

            if (!TryWrite(change))
            {
                return Filled.MenuFirst;
            }
        }

        return output.IsDirty ? Filled.Written : Filled.Nothing;
    }

    // False when the menu has to be written first, because the change's id covers the menu, too.
    private bool TryWrite(ChangeView change)
    {
        if (views.Menu is not null && change.Seq > _menuSeq && MenuQuery.Collections.Contains(change.Collection))
        {
            _menuChangedSeq ??= change.Seq;
        }

        if (views.Find(change.Collection) is not { } view || change.For(view) is not { } json)
        {
            _cursor = change.Seq;
            return true;
        }

        if (_menuChangedSeq is not null)
        {
            return false;
        }

        _cursor = _toldSeq = change.Seq;
        EventText.Write(output, ChangeFeed.Event, Position, change.Collection, json);
        return true;
    }

    private async Task SendSnapshotsAsync(CancellationToken cancellationToken) =>
        await SendAsync(await reads.ReadSnapshotsAsync(views, asker, cancellationToken), cancellationToken);

    private async Task SendAsync(Snapshot snapshots, CancellationToken cancellationToken)
    {
        await output.SendAsync(snapshots.Content, cancellationToken);
        BeginAt(snapshots.Seq);
    }

    private void BeginAt(long seq)
    {
        _cursor = _toldSeq = _menuSeq = seq;
        _menuChangedSeq = null;
    }

    // The menu may contain changes after the cursor, which are skipped later. Its id is still the cursor, because those
    // changes of the other collections have yet to be written.
    private async Task SendMenuAsync(CancellationToken cancellationToken)
    {
        if (views.Menu is not { } view || _menuChangedSeq is not { } changedSeq)
        {
            return;
        }

        var menu = await reads.ReadMenuAsync(view, changedSeq, asker, cancellationToken);
        (_toldSeq, _menuSeq, _menuChangedSeq, _menuSentAt) = (_cursor, menu.Seq, null, time.GetTimestamp());
        EventText.WriteHead(output, ChangeFeed.Event, Position, MenuCollection.MenuName);
        await output.SendAsync(EventText.RestOf(menu.Content), cancellationToken);
        output.Write(EventText.End);
        await output.FlushAsync(cancellationToken);
    }

    // Proxies and clients close silent connections. The position is sent along, so that it is not pruned from the log
    // while nothing else is sent.
    private async Task SendKeepAliveAsync(CancellationToken cancellationToken)
    {
        output.Write(EventText.Comment);
        if (_toldSeq < _cursor && _menuChangedSeq is null)
        {
            _toldSeq = _cursor;
            EventText.WritePosition(output, Position);
        }

        await output.FlushAsync(cancellationToken);
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        var untilKeepAlive = KeepAlive - output.Silence;
        var wait = UntilMenu() is { } untilMenu && untilMenu < untilKeepAlive ? untilMenu : untilKeepAlive;
        if (wait > TimeSpan.Zero)
        {
            // A time-out is not an error here, and an exception for each of thousands of streams costs too much.
            await recent.WaitForAsync(_cursor).WaitAsync(wait, time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // The first menu goes at once, the next ones are merged (MenuOptions); null when the client's is up to date.
    private TimeSpan? UntilMenu() =>
        _menuChangedSeq is null ? null
        : _menuSentAt is { } sentAt ? _coalesce - time.GetElapsedTime(sentAt)
        : TimeSpan.Zero;

    private enum Filled
    {
        /// <summary>There is nothing to write.</summary>
        Nothing,

        /// <summary>There is something to flush.</summary>
        Written,

        /// <summary>The next change may only be written after the menu.</summary>
        MenuFirst,

        /// <summary>The next changes have been pruned from the log.</summary>
        Untold,
    }
}
