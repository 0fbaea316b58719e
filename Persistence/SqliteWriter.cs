using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Kaffediem.Persistence;

/// <summary>
/// The one writer of the file. Requests wait in a bounded queue for its thread, which commits all that wait together. A
/// request that finds nobody before it is run by its caller instead: handing it over and back takes longer than the
/// commit while the cores are busy sending.
/// </summary>
internal sealed class SqliteWriter
{
    private readonly DatabaseOptions _options;
    private readonly GroupCommit _groupCommit;
    private readonly Channel<WriteRequest> _queue;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One place: however many commits there were, the feed has to look once. A full queue already says so.
    private readonly Channel<bool> _commits = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    // Guards the connection, for one batch: a lock, since its users are threads that block in SQLite all the same.
    private readonly Lock _turn = new();

    private volatile bool _isBusy;
    private volatile bool _isStopping;

    public SqliteWriter(PreparedConnection connection, DatabaseOptions options, TimeProvider time, ILogger logger)
    {
        _options = options;
        _groupCommit = new GroupCommit(connection, time, logger);
        // Full: the callers wait. A write is never dropped, and what waits takes a bounded amount of memory.
        _queue = Channel.CreateBounded<WriteRequest>(
            new BoundedChannelOptions(options.MaxQueuedWrites) { SingleReader = true });
        // Ends by Stop; in the background so that a process which forgets that can still end.
        new Thread(Run) { Name = "Kaffediem writer", IsBackground = true }.Start();
    }

    public long LastSeq => _groupCommit.LastSeq;

    /// <inheritdoc cref="GroupCommit.Count"/>
    public long CommitCount => _groupCommit.Count;

    /// <summary>Ends when the thread has.</summary>
    public Task Stopped => _stopped.Task;

    public async Task<T> WriteAsync<T>(Func<WriteTransaction, Written<T>> work, CancellationToken cancellationToken)
    {
        var request = new WriteRequest<T>(work, cancellationToken);
        if (!TryRunNow(request))
        {
            await EnqueueAsync(request, cancellationToken);
        }

        return await request.Completion;
    }

    public async Task WaitForCommitAsync(CancellationToken cancellationToken) =>
        await _commits.Reader.ReadAsync(cancellationToken);

    /// <summary>Accepts no more requests; the thread ends when the accepted ones are done.</summary>
    public void Stop()
    {
        _isStopping = true;
        _queue.Writer.TryComplete();
    }

    // Nobody is overtaken: while requests wait, or came together just now, further ones go behind them and share a commit.
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

    private async Task EnqueueAsync(WriteRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await _queue.Writer.WriteAsync(request, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(Database), "The database is closed: the write was not accepted.");
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
        if (_groupCommit.Run(batch))
        {
            _commits.Writer.TryWrite(true);
        }
    }
}
