using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Sqlite;
using Kaffediem.Persistence.Writing;
using Microsoft.Extensions.Logging;

namespace Kaffediem.Persistence;

/// <summary>
/// The database and its two doors: one to read through, one to write through. Thread-safe. There is no other way to
/// the tables, so every write that others could see is in the change log.
/// </summary>
public sealed class Database : IDisposable, IAsyncDisposable
{
    // A few milliseconds' work.
    private const int PruneStep = 1000;

    private readonly DatabaseOptions _options;
    private readonly DatabaseLock? _lock;
    private readonly PreparedConnection _writeConnection;
    private readonly SqliteWriter _writer;
    private readonly Dictionary<ReadLane, SqliteReaders> _readers;

    // Guards _closing: whoever closes it, the others wait until it is closed.
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
            lane => lane, lane => new SqliteReaders(options.TurnsOf(lane), file.Path, Epoch));
    }

    /// <summary>The database file, as a full path.</summary>
    public string Path { get; }

    /// <summary>
    /// Whether this opening, or one that nothing came of, made the tables: there is nothing in them yet.
    /// </summary>
    public bool IsNew { get; }

    /// <summary>A random id made with the change log: a seq means nothing in another epoch.</summary>
    public string Epoch { get; }

    /// <summary>The last committed change, 0 before the first. Set before its writer is told.</summary>
    public long LastSeq => _writer.LastSeq;

    /// <summary>
    /// Why the next write would be refused, or soon, each reason in one line without the file's name: the queue is
    /// three quarters full, a write takes 5 seconds or more, the disk failed one and none as large has succeeded since.
    /// Empty when nothing is known against it. Neither waits nor reads.
    /// </summary>
    public IReadOnlyList<string> WriteObstacles => _writer.Obstacles;

    /// <summary>Whether the disk failed a write, and nothing has shown since that it would succeed now.</summary>
    public bool DoWritesFail => _writer.Fault is not null;

    /// <summary>Whether a write found the file damaged, so that <see cref="Probe"/> has to read all of it.</summary>
    public bool IsDamaged => _writer.IsDamaged;

    /// <summary>How many reads of a lane run at the same time; further ones wait.</summary>
    public int TurnsOf(ReadLane lane) => _options.TurnsOf(lane);

    internal long CommitCount => _writer.CommitCount;

    /// <summary>
    /// Opens the file, and brings it to this version's schema. A missing file is made, a missing folder too if the
    /// folder it belongs in exists. The tables and rows of an existing Kaffebase file stay as they are. Of all that
    /// open it so there is one at a time.
    /// </summary>
    /// <exception cref="DatabaseException">The file is in use, or cannot be opened, or not by this version.</exception>
    public static Database Open(DatabaseOptions options, TimeProvider time, ILogger<Database> logger)
    {
        DatabaseFile.MakeFolder(options);
        DatabaseFile.CreateIfMissing(options);
        var heldLock = DatabaseLock.Take(options.Path);
        try
        {
            return new(DatabaseFile.Open(options, isServer: true, time, logger), heldLock, options, time, logger);
        }
        catch
        {
            heldLock.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Opens the file as <see cref="Open"/> does, for a program beside the server: not if that would change tables
    /// which a server of the version before may be using.
    /// </summary>
    /// <exception cref="DatabaseException">The file cannot be opened, or is of an older version.</exception>
    public static Database OpenBesideServer(DatabaseOptions options, TimeProvider time, ILogger<Database> logger)
    {
        DatabaseLock.RefuseUnderOtherName(options.Path);
        DatabaseFile.RefuseIfBehind(options);
        DatabaseFile.MakeFolder(options);
        DatabaseFile.CreateIfMissing(options);
        return new(DatabaseFile.Open(options, isServer: false, time, logger), heldLock: null, options, time, logger);
    }

    /// <summary>
    /// Runs a small query (<see cref="ReadLane.Prompt"/>) in a read transaction. It sees one instant of the database,
    /// and never waits for a writer or a long read. The query runs synchronously: SQLite has no asynchronous reads.
    /// </summary>
    public Task<T> ReadAsync<T>(Func<ReadTransaction, T> query, CancellationToken cancellationToken) =>
        ReadAsync(ReadLane.Prompt, query, cancellationToken);

    /// <summary>
    /// The same, on the readers of a lane. Cancelled while it waits for its turn, it does not begin; cancelled while it
    /// runs, it is interrupted.
    /// </summary>
    public Task<T> ReadAsync<T>(
        ReadLane lane, Func<ReadTransaction, T> query, CancellationToken cancellationToken) =>
        _readers[lane].ReadAsync(query, cancellationToken);

    /// <summary>
    /// Runs work in a write transaction, on the writer's thread. Ends when the work and its changes are committed;
    /// if the work throws, nothing of it is. A call that is cancelled while it waits for its turn writes nothing.
    /// </summary>
    /// <exception cref="WriteQueueFullException">As many writes wait as may; the work was not run.</exception>
    /// <exception cref="WriteFailedException">The disk failed it.</exception>
    /// <exception cref="ObjectDisposedException">The database is closed; the work was not run.</exception>
    public Task<T> WriteAsync<T>(Func<WriteTransaction, Written<T>> work, CancellationToken cancellationToken) =>
        _writer.WriteAsync(work, cancellationToken);

    /// <summary>
    /// The same, but where the queue is full it waits for room, and gets the next place. For what is not a client's
    /// write, which could be sent again. What waits so is small, and less than there are connections.
    /// </summary>
    internal Task<T> WriteWithPatienceAsync<T>(
        Func<WriteTransaction, Written<T>> work, CancellationToken cancellationToken) =>
        _writer.WriteWithPatienceAsync(work, cancellationToken);

    /// <summary>
    /// Finds out whether writes work again, and changes nothing: a client that knows of the fault may send no write
    /// that would show it. Blocks, for as long as a large write takes; where the file is damaged, for as long as
    /// reading all of it takes.
    /// </summary>
    public void Probe(CancellationToken cancellationToken)
    {
        var failed = _writer.FailedCount;
        var isWhole = IsDamaged && WholeFile.IsInOrder(Path, cancellationToken);
        _writer.Probe(isWhole ? failed : null);
    }

    /// <summary>
    /// The files that make up the database, as full paths: its own, those that SQLite and the lock have beside it, and
    /// what restoring has kept of earlier ones.
    /// </summary>
    public IReadOnlyList<string> ListFiles()
    {
        var path = DatabaseLock.ResolveLink(Path);
        string[] beside = ["", "-wal", "-shm", "-journal", "-lock"];
        return
        [
            .. beside.Select(suffix => path + suffix).Where(File.Exists),
            .. Directory.EnumerateFiles(
                System.IO.Path.GetDirectoryName(path)!, System.IO.Path.GetFileName(path) + ".before-restore-*"),
            .. Directory.EnumerateFiles(
                System.IO.Path.GetDirectoryName(path)!, System.IO.Path.GetFileName(path) + ".restore.*partial*"),
        ];
    }

    /// <summary>Ends when there were changes since it last ended. For one waiter, the change feed.</summary>
    public Task WaitForCommitAsync(CancellationToken cancellationToken) =>
        _writer.WaitForCommitAsync(cancellationToken);

    /// <summary>
    /// The first changes after a seq, in order, at most <paramref name="limit"/>; none after <see cref="LastSeq"/>:
    /// that follows a commit in an instant. Who joins in that instant is given what is known up to it, and would miss
    /// what was told to others already.
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
    /// Deletes the oldest changes from the log, as far as the options no longer keep them. In steps, between which
    /// others can write.
    /// </summary>
    /// <returns>How many were deleted.</returns>
    public async Task<long> PruneChangesAsync(CancellationToken cancellationToken)
    {
        long deleted = 0;
        int step;
        do
        {
            // It waits for room: a log that is not pruned because there is so much to log would grow all the faster.
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
    // For a container that is not disposed asynchronously. Nothing that is waited for needs this thread.
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async Task CloseAsync()
    {
        _writer.Stop();
        await _writer.Stopped;
        // The last connection to close tidies the write-ahead log away, which only the one that may write can do.
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
