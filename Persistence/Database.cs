using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Sqlite;
using Kaffediem.Persistence.Sqlite.Statements;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;
using Microsoft.Extensions.Logging;

namespace Kaffediem.Persistence;

/// <summary>
/// The database and its two doors, one for reads and one for writes. Thread-safe. Nothing else reaches the tables, so
/// every write that others could see is in the change log.
/// </summary>
public sealed class Database : IDisposable, IAsyncDisposable
{
    // A few milliseconds of work.
    private const int PruneStep = 1000;

    private readonly DatabaseOptions _options;
    private readonly DatabaseLock? _lock;
    private readonly PreparedConnection _writeConnection;
    private readonly SqliteWriter _writer;
    private readonly Dictionary<ReadLane, SqliteReaders> _readers;

    // Guards _closing: the first caller closes the database, and the others wait until it is closed.
    private readonly Lock _closingLock = new();
    private Task? _closing;

    private Database(
        DatabaseFile file, DatabaseLock? heldLock, DatabaseOptions options, TimeProvider time, ILogger logger)
    {
        _options = options;
        _lock = heldLock;
        _writeConnection = new PreparedConnection(file.Connection);
        Path = file.Path;
        IsNew = file.IsNew;
        Epoch = ChangeLog.Epoch(file.Connection);
        _writer = new SqliteWriter(_writeConnection, options, time, logger);
        _readers = Enum.GetValues<ReadLane>().ToDictionary(
            lane => lane, lane => new SqliteReaders(TurnsOf(lane, options), file.Path, Epoch));
    }

    /// <summary>The database file, as a full path.</summary>
    public string Path { get; }

    /// <summary>
    /// Whether nothing has been stored yet: this opening made the tables, or an earlier one that then failed.
    /// </summary>
    public bool IsNew { get; }

    /// <summary>A random id of the change log's history. A seq has no meaning in another epoch.</summary>
    public string Epoch { get; }

    /// <summary>The last committed change, 0 before the first. Set before the write is acknowledged.</summary>
    public long LastSeq => _writer.LastSeq;

    /// <summary>
    /// Why the next write, or one soon after it, may be refused; each reason in one line without the file's name. The
    /// queue is three quarters full, a write has taken 5 seconds or more, or the disk failed a write and none as large
    /// has succeeded since. Empty when no reason is known. Neither waits nor reads.
    /// </summary>
    public IReadOnlyList<string> WriteObstacles => _writer.Obstacles;

    /// <summary>Whether the disk failed a write, and no write or probe has succeeded since.</summary>
    public bool DoWritesFail => _writer.Fault is not null;

    /// <summary>Whether a write found the file damaged, so that <see cref="Probe"/> must read all of it.</summary>
    public bool IsDamaged => _writer.IsDamaged;

    /// <summary>How many reads of a lane run at the same time; further ones wait.</summary>
    public int TurnsOf(ReadLane lane) => TurnsOf(lane, _options);

    /// <summary>
    /// Opens the file, and migrates it to this version's schema. A missing file is made, and so is a missing folder if
    /// its parent exists. The tables and rows of an existing Kaffebase file stay as they are. Only one process may have
    /// the file open this way.
    /// </summary>
    /// <exception cref="DatabaseException">The file is in use, or cannot be opened, or not by this version.</exception>
    public static Database Open(DatabaseOptions options, TimeProvider time, ILogger<Database> logger)
    {
        DatabaseFile.MakeFolder(options);
        DatabaseFile.CreateIfMissing(options);
        return Handover.To(
            DatabaseLock.Take(options.Path), heldLock => Start(heldLock, options, time, logger));
    }

    /// <summary>
    /// Opens the file as <see cref="Open"/> does, for a command that runs beside the server. A file of an older version
    /// is refused, because a server of that version may be using it.
    /// </summary>
    /// <exception cref="DatabaseException">The file cannot be opened, or is of an older version.</exception>
    public static Database OpenBesideServer(DatabaseOptions options, TimeProvider time, ILogger<Database> logger)
    {
        DatabaseLock.RefuseUnderOtherName(options.Path);
        DatabaseFile.RefuseIfBehind(options);
        DatabaseFile.MakeFolder(options);
        DatabaseFile.CreateIfMissing(options);
        return Start(heldLock: null, options, time, logger);
    }

    /// <summary>
    /// Runs a small query (<see cref="ReadLane.Prompt"/>) in a read transaction. The query sees one instant of the
    /// database, and never waits for a writer or a long read. It runs synchronously: SQLite has no asynchronous reads.
    /// </summary>
    /// <inheritdoc cref="ReadAsync{T}(ReadLane, Func{ReadTransaction, T}, CancellationToken)" path="/exception"/>
    public Task<T> ReadAsync<T>(Func<ReadTransaction, T> query, CancellationToken cancellationToken) =>
        ReadAsync(ReadLane.Prompt, query, cancellationToken);

    /// <summary>
    /// Runs a query in a read transaction on a lane's readers. A query that is cancelled while it waits for its turn
    /// does not begin; one that is cancelled while it runs is interrupted.
    /// </summary>
    /// <exception cref="ReadFailedException">The disk failed the read.</exception>
    /// <exception cref="ObjectDisposedException">The database is closed; the query did not run.</exception>
    public Task<T> ReadAsync<T>(
        ReadLane lane, Func<ReadTransaction, T> query, CancellationToken cancellationToken) =>
        _readers[lane].ReadAsync(query, cancellationToken);

    /// <summary>
    /// Runs work in a write transaction: on the caller's thread if no other write is running or waiting, otherwise on
    /// the writer's. Ends when the work and its changes are committed. If the work throws, nothing of it is committed.
    /// A call that is cancelled while it waits for its turn writes nothing.
    /// </summary>
    /// <exception cref="WriteQueueFullException">The queue is full; the work did not run.</exception>
    /// <exception cref="WriteFailedException">The disk failed the write.</exception>
    /// <exception cref="ObjectDisposedException">The database is closed; the work did not run.</exception>
    public Task<T> WriteAsync<T>(Func<WriteTransaction, Written<T>> work, CancellationToken cancellationToken) =>
        _writer.WriteAsync(work, cancellationToken);

    /// <summary>
    /// Writes as <see cref="WriteAsync"/> does, but waits for the next free place when the queue is full. For writes
    /// that no client has sent and could retry. Few callers wait here: never more than there are connections.
    /// </summary>
    internal Task<T> WriteWithPatienceAsync<T>(
        Func<WriteTransaction, Written<T>> work, CancellationToken cancellationToken) =>
        _writer.WriteWithPatienceAsync(work, cancellationToken);

    /// <summary>
    /// Finds out whether writes work again, and changes nothing. While clients know of the fault they may send no write
    /// that would show it. Blocks for as long as a large write takes or, if the file is damaged, for as long as reading
    /// all of it takes.
    /// </summary>
    public void Probe(CancellationToken cancellationToken)
    {
        var failed = _writer.FailedCount;
        var isWhole = IsDamaged && WholeFile.IsInOrder(Path, cancellationToken);
        _writer.Probe(isWhole ? failed : null);
    }

    /// <summary>
    /// The database's files, as full paths: its own, those that SQLite and the lock keep beside it, and the copies of
    /// earlier databases that restores have kept.
    /// </summary>
    public IReadOnlyList<string> ListFiles() => DatabaseFile.ListAll(Path);

    /// <summary>Ends as soon as there are changes since it last ended. For one waiter, the change feed.</summary>
    public Task WaitForCommitAsync(CancellationToken cancellationToken) =>
        _writer.WaitForCommitAsync(cancellationToken);

    /// <summary>
    /// The first changes after a seq, in order, at most <paramref name="limit"/>. Never returns changes after
    /// <see cref="LastSeq"/>, which is set just after the commit. Otherwise a change could be broadcast while a joining
    /// client is still given a snapshot cached at the older <see cref="LastSeq"/>, and that client would miss it.
    /// </summary>
    public async Task<IReadOnlyList<Change>> ReadChangesAsync(
        long afterSeq, int limit, CancellationToken cancellationToken)
    {
        var lastSeq = LastSeq;
        var changes = await ReadAsync(
            transaction => ChangeLog.ReadAfter(transaction, afterSeq, limit), cancellationToken);
        return changes.Count > 0 && changes[^1].Seq > lastSeq
            ? [.. changes.TakeWhile(change => change.Seq <= lastSeq)]
            : changes;
    }

    /// <summary>
    /// Prunes the oldest changes from the log, down to what the options retain. In steps, between which others can
    /// write.
    /// </summary>
    /// <returns>How many were deleted.</returns>
    public async Task<long> PruneChangesAsync(CancellationToken cancellationToken)
    {
        long deleted = 0;
        int step;
        do
        {
            // Waits for room in the queue: under load the log grows fastest, and must be pruned all the same.
            step = await WriteWithPatienceAsync(
                transaction => Written.WithoutChange(ChangeLog.Prune(
                    transaction, transaction.Now - _options.KeepChangesFor, _options.KeepChanges, PruneStep)),
                cancellationToken);
            deleted += step;
        }
        while (step == PruneStep);
        return deleted;
    }

    /// <summary>Finishes the writes that were accepted, refuses further ones, and closes the file.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_closingLock)
        {
            return new ValueTask(_closing ??= CloseAsync());
        }
    }

    /// <inheritdoc cref="DisposeAsync"/>
    // For a container that is not disposed asynchronously. Nothing that this waits for needs the calling thread.
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static Database Start(
        DatabaseLock? heldLock, DatabaseOptions options, TimeProvider time, ILogger logger) =>
        Handover.To(
            DatabaseFile.Open(options, isServer: heldLock is not null, time, logger),
            file => SqliteFault.Explain(file.Path, () => new Database(file, heldLock, options, time, logger)));

    private static int TurnsOf(ReadLane lane, DatabaseOptions options) => lane switch
    {
        ReadLane.Prompt => options.ReadConnections,
        ReadLane.UserBulk => options.UserBulkReadConnections,
        _ => options.BulkReadConnections,
    };

    private async Task CloseAsync()
    {
        _writer.Stop();
        await _writer.Stopped;
        // The last connection to close deletes the write-ahead log. Only the write connection can, so it closes last.
        foreach (var readers in _readers.Values)
        {
            readers.Dispose();
        }

        if (_lock is not null && !_options.FullSync)
        {
            UnsyncedMark.Remove(_writeConnection.Sqlite);
        }

        _writeConnection.Dispose();
        _lock?.Dispose();
    }
}
