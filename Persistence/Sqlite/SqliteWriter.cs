using System.Threading.Channels;
using Kaffediem.Persistence.Sqlite.Statements;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;
using Microsoft.Extensions.Logging;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>
/// The one writer of the file. Requests wait in a bounded queue for its thread, which commits those that wait together.
/// A request that no other precedes is run on its caller's thread instead: handing it over and back takes longer than
/// the commit while the cores are busy sending.
/// </summary>
internal sealed class SqliteWriter
{
    // Longer than any healthy disk takes; equal to the busy timeout.
    private static readonly TimeSpan LongCommit = TimeSpan.FromSeconds(5);

    private readonly DatabaseOptions _options;
    private readonly TimeProvider _time;
    private readonly GroupCommit _groupCommit;
    private readonly Channel<WriteRequest> _queue;
    private readonly WriteRefusals _refusals;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One place: however many commits there were, the feed must look once. A full queue already says so.
    private readonly Channel<bool> _commits = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    // Guards the connection while a batch runs. A lock, because the threads that use it block in SQLite all the same.
    private readonly Lock _turn = new();

    // When the running batch began, as a timestamp; 0 while none runs.
    private long _begun;
    private volatile bool _isBusy;
    private volatile bool _isStopping;

    public SqliteWriter(PreparedConnection connection, DatabaseOptions options, TimeProvider time, ILogger logger)
    {
        (_options, _time) = (options, time);
        _groupCommit = new GroupCommit(connection, time, logger);
        _refusals = new WriteRefusals(options.MaxQueuedWrites, time, logger);
        // When full, WriteAsync is refused at once and WriteWithPatienceAsync waits. No queued write is dropped.
        _queue = Channel.CreateBounded<WriteRequest>(
            new BoundedChannelOptions(options.MaxQueuedWrites) { SingleReader = true });
        // Stop ends it. A background thread, so that a process that forgets to stop it can still end.
        new Thread(Run) { Name = "Kaffediem writer", IsBackground = true }.Start();
    }

    public long LastSeq => _groupCommit.LastSeq;

    /// <inheritdoc cref="Database.WriteObstacles"/>
    public IReadOnlyList<string> Obstacles
    {
        get
        {
            var obstacles = new List<string>();
            // Before the queue is full: a load balancer that asks now and then must know before a write is refused.
            var (waiting, most) = (_queue.Reader.Count, _options.MaxQueuedWrites);
            if (waiting >= most - (most / 4))
            {
                obstacles.Add($"{waiting} writes wait for the disk, of at most {most}.");
            }

            var begun = Volatile.Read(ref _begun);
            if (begun != 0 && _time.GetElapsedTime(begun) is var running && running >= LongCommit)
            {
                obstacles.Add($"A write has been under way for {(long)running.TotalSeconds} seconds.");
            }

            if (_groupCommit.Fault is { } fault)
            {
                obstacles.Add($"Writes fail: {fault}");
            }

            return obstacles;
        }
    }

    /// <inheritdoc cref="WriteFault.Description"/>
    public string? Fault => _groupCommit.Fault;

    /// <inheritdoc cref="WriteFault.IsDamage"/>
    public bool IsDamaged => _groupCommit.IsDamaged;

    /// <inheritdoc cref="WriteFault.Count"/>
    public long FailedCount => _groupCommit.FailedCount;

    /// <summary>Ends when the thread has ended.</summary>
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

    // No request is overtaken: while others wait, or have just arrived together, a request goes behind them and shares
    // a commit.
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
        new(objectName: null, "The database is closed: the write was not accepted.");

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
            _stopped.SetResult(); // no thread uses the connection, or will again
        }
    }

    // A dedicated thread may block; SQLite's calls block it just the same.
    private bool WaitForRequests() => _queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult();

    private void RunBatch(IReadOnlyList<WriteRequest> batch)
    {
        Volatile.Write(ref _begun, _time.GetTimestamp());
        if (_groupCommit.Run(batch))
        {
            _commits.Writer.TryWrite(true);
        }

        Volatile.Write(ref _begun, 0);

        // Not at the first free place: when writes are refused and accepted in turns, that is one overload.
        if (_refusals.HaveBegun && _queue.Reader.Count <= _options.MaxQueuedWrites / 2)
        {
            _refusals.End();
        }
    }
}
