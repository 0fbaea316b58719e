using System.Threading.Channels;
using Kaffediem.Persistence.Writing;
using Microsoft.Extensions.Logging;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>
/// The one writer of the file. Requests wait in a bounded queue for its thread, which commits all that wait together. A
/// request that finds nobody before it is run by its caller instead: handing it over and back takes longer than the
/// commit while the cores are busy sending.
/// </summary>
internal sealed class SqliteWriter
{
    // Longer than a disk ever takes that works, and as long as a lock of another program is waited for.
    private static readonly TimeSpan LongCommit = TimeSpan.FromSeconds(5);

    private static readonly string[] None = [];

    private readonly DatabaseOptions _options;
    private readonly TimeProvider _time;
    private readonly GroupCommit _groupCommit;
    private readonly Channel<WriteRequest> _queue;
    private readonly WriteRefusals _refusals;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One place: however many commits there were, the feed has to look once. A full queue already says so.
    private readonly Channel<bool> _commits = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    // Guards the connection, for one batch: a lock, since its users are threads that block in SQLite all the same.
    private readonly Lock _turn = new();

    // When the batch that runs was begun, as a timestamp; 0 while none runs.
    private long _begun;
    private volatile bool _isBusy;
    private volatile bool _isStopping;

    public SqliteWriter(PreparedConnection connection, DatabaseOptions options, TimeProvider time, ILogger logger)
    {
        (_options, _time) = (options, time);
        _groupCommit = new GroupCommit(connection, time, logger);
        _refusals = new WriteRefusals(options.MaxQueuedWrites, time, logger);
        // Full: the next write is refused at once, or its caller waits, as that chose. None is dropped once it is here.
        _queue = Channel.CreateBounded<WriteRequest>(
            new BoundedChannelOptions(options.MaxQueuedWrites) { SingleReader = true });
        // Ends by Stop; in the background so that a process which forgets that can still end.
        new Thread(Run) { Name = "Kaffediem writer", IsBackground = true }.Start();
    }

    public long LastSeq => _groupCommit.LastSeq;

    /// <inheritdoc cref="GroupCommit.Count"/>
    public long CommitCount => _groupCommit.Count;

    /// <inheritdoc cref="Database.WriteObstacles"/>
    public IReadOnlyList<string> Obstacles
    {
        get
        {
            var (waiting, most) = (_queue.Reader.Count, _options.MaxQueuedWrites);
            var begun = Volatile.Read(ref _begun);
            var running = begun == 0 ? TimeSpan.Zero : _time.GetElapsedTime(begun);
            return
            [
                // Before it is full: a balancer that asks now and then is to know before the first write is refused.
                .. waiting >= most - (most / 4) ? [$"{waiting} writes wait for the disk, of at most {most}."] : None,
                .. running >= LongCommit
                    ? [$"A write has been under way for {(long)running.TotalSeconds} seconds."]
                    : None,
                .. _groupCommit.Fault is { } fault ? [$"Writes fail: {fault}"] : None,
            ];
        }
    }

    /// <inheritdoc cref="WriteFault.Description"/>
    public string? Fault => _groupCommit.Fault;

    /// <inheritdoc cref="WriteFault.IsDamage"/>
    public bool IsDamaged => _groupCommit.IsDamaged;

    /// <inheritdoc cref="WriteFault.Count"/>
    public long FailedCount => _groupCommit.FailedCount;

    /// <summary>Ends when the thread has.</summary>
    public Task Stopped => _stopped.Task;

    /// <inheritdoc cref="Database.WriteAsync"/>
    public Task<T> WriteAsync<T>(Func<WriteTransaction, Written<T>> work, CancellationToken cancellationToken)
    {
        var request = new WriteRequest<T>(work, cancellationToken);
        if (!TryRunNow(request) && !_queue.Writer.TryWrite(request))
        {
            return Task.FromException<T>(Refuse());
        }

        return request.Completion;
    }

    /// <inheritdoc cref="Database.WriteWithPatienceAsync"/>
    public async Task<T> WriteWithPatienceAsync<T>(
        Func<WriteTransaction, Written<T>> work, CancellationToken cancellationToken)
    {
        var request = new WriteRequest<T>(work, cancellationToken);
        if (!TryRunNow(request))
        {
            await EnqueueAsync(request, cancellationToken);
        }

        return await request.Completion;
    }

    /// <summary>Runs <see cref="GroupCommit.Probe"/> on the caller's thread, between two batches.</summary>
    public void Probe(long? wholeAfter)
    {
        lock (_turn)
        {
            if (_isStopping)
            {
                return;
            }

            Volatile.Write(ref _begun, _time.GetTimestamp());
            _groupCommit.Probe(wholeAfter);
            Volatile.Write(ref _begun, 0);
        }
    }

    public async Task WaitForCommitAsync(CancellationToken cancellationToken) =>
        await _commits.Reader.ReadAsync(cancellationToken);

    /// <summary>Accepts no more requests; the thread ends when the accepted ones are done.</summary>
    public void Stop()
    {
        _isStopping = true;
        _queue.Writer.TryComplete();
    }

    // Nobody is overtaken: while requests wait, or came together just now, further ones go behind them and share a
    // commit.
    private bool TryRunNow(WriteRequest request)
    {
        if (_isBusy || _queue.Reader.Count > 0 || !_turn.TryEnter())
        {
            return false;
        }

        try
        {
            if (_isStopping)
            {
                return false;
            }

            RunBatch([request]);
            return true;
        }
        finally
        {
            _turn.Exit();
        }
    }

    private Exception Refuse()
    {
        if (_isStopping)
        {
            return Closed();
        }

        _refusals.Add();
        return new WriteQueueFullException(_options.MaxQueuedWrites);
    }

    private static ObjectDisposedException Closed() =>
        new(nameof(Database), "The database is closed: the write was not accepted.");

    private async Task EnqueueAsync(WriteRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await _queue.Writer.WriteAsync(request, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw Closed();
        }
    }

    private void Run()
    {
        var batch = new List<WriteRequest>();
        while (WaitForRequests())
        {
            lock (_turn)
            {
                while (batch.Count < _options.MaxBatch && _queue.Reader.TryRead(out var request))
                {
                    batch.Add(request);
                }

                _isBusy = batch.Count > 1;
                RunBatch(batch);
            }

            batch.Clear();
        }

        lock (_turn)
        {
            _stopped.SetResult(); // nobody has the connection, and nobody will
        }
    }

    // Blocking is what a dedicated thread is for; SQLite's calls block it just the same.
    private bool WaitForRequests() => _queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult();

    private void RunBatch(IReadOnlyList<WriteRequest> batch)
    {
        Volatile.Write(ref _begun, _time.GetTimestamp());
        if (_groupCommit.Run(batch))
        {
            _commits.Writer.TryWrite(true);
        }

        Volatile.Write(ref _begun, 0);

        // Not at the first free place: writes that are refused and taken in turns are one overload.
        if (_refusals.HaveBegun && _queue.Reader.Count <= _options.MaxQueuedWrites / 2)
        {
            _refusals.End();
        }
    }
}
