using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace Kaffediem.Persistence;

/// <summary>
/// The database and its two doors: one to read through, one to write through. Thread-safe. There is no other way to
/// the tables, so every write that others could see is in the change log.
/// </summary>
public sealed partial class Database : IDisposable, IAsyncDisposable
{
    private readonly SqliteConnection _writeConnection;
    private readonly SqliteWriter _writer;
    private readonly SqliteReaders _readers;
    private bool _isDisposed;

    private Database(
        SqliteConnection writeConnection,
        string path,
        bool isNew,
        DatabaseOptions options,
        TimeProvider time,
        ILogger logger)
    {
        _writeConnection = writeConnection;
        Path = path;
        IsNew = isNew;
        Epoch = ChangeLog.Epoch(writeConnection);
        _writer = new SqliteWriter(writeConnection, options, time, logger);
        _readers = new SqliteReaders(options, path, Epoch);
    }

    /// <summary>The database file, as a full path.</summary>
    public string Path { get; }

    /// <summary>Whether this opening made the tables: there is nothing in them yet.</summary>
    public bool IsNew { get; }

    /// <summary>A random id made with the change log: a seq means nothing in another epoch.</summary>
    public string Epoch { get; }

    /// <summary>The last committed change, 0 before the first. Set before its writer is told.</summary>
    public long LastSeq => _writer.LastSeq;

    internal long CommitCount => _writer.CommitCount;

    /// <summary>
    /// Opens the file, and brings it to this version's schema. A missing file is made, a missing folder too if the
    /// folder it belongs in exists. The tables and rows of an existing Kaffebase file stay as they are.
    /// </summary>
    /// <exception cref="DatabaseException">The file cannot be opened, or not by this version.</exception>
    public static Database Open(DatabaseOptions options, TimeProvider time, ILogger<Database> logger)
    {
        var path = System.IO.Path.GetFullPath(options.Path);
        MakeFolder(path);
        try
        {
            return OpenFile(path, options, time, logger);
        }
        catch (SqliteException exception)
        {
            throw new DatabaseException(Explain(exception, path), exception);
        }
    }

    /// <summary>
    /// Runs a query in a read transaction. It sees one instant of the database, and never waits for a writer. The
    /// query runs synchronously: SQLite has no asynchronous reads.
    /// </summary>
    public Task<T> ReadAsync<T>(Func<ReadTransaction, T> query, CancellationToken cancellationToken) =>
        _readers.ReadAsync(query, cancellationToken);

    /// <summary>
    /// Runs work in a write transaction, on the writer's thread. Ends when the work and its changes are committed;
    /// if the work throws, nothing of it is. A call that is cancelled while it waits for its turn writes nothing.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The database is closed; the work was not run.</exception>
    public Task<T> WriteAsync<T>(Func<WriteTransaction, Written<T>> work, CancellationToken cancellationToken) =>
        _writer.WriteAsync(work, cancellationToken);

    /// <summary>Ends when there were changes since it last ended. For one waiter, the change feed.</summary>
    public Task WaitForCommitAsync(CancellationToken cancellationToken) =>
        _writer.WaitForCommitAsync(cancellationToken);

    /// <summary>The first changes after a seq, in order, at most <paramref name="limit"/>.</summary>
    public Task<IReadOnlyList<Change>> ReadChangesAsync(
        long afterSeq, int limit, CancellationToken cancellationToken) =>
        ReadAsync(transaction => ChangeLog.ReadAfter(transaction, afterSeq, limit), cancellationToken);

    /// <summary>Finishes the writes that were accepted, refuses further ones, and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        _writer.Stop();
        await _writer.Stopped;
        // The last connection to close tidies the write-ahead log away, which only the one that may write can do.
        _readers.Dispose();
        _writeConnection.Dispose();
    }

    /// <inheritdoc cref="DisposeAsync"/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static void MakeFolder(string path)
    {
        if (Directory.GetParent(path) is not { } folder)
        {
            throw new DatabaseException($"{path} is not a file.");
        }

        if (folder is { Exists: false, Parent.Exists: false })
        {
            throw new DatabaseException($"The folder {folder.Parent} for the database {path} does not exist.");
        }

        try
        {
            folder.Create();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DatabaseException($"The folder {folder} for the database cannot be made.", exception);
        }
    }

    private static Database OpenFile(string path, DatabaseOptions options, TimeProvider time, ILogger logger)
    {
        var connection = SqliteSettings.Connect(path, SqliteOpenMode.ReadWriteCreate);
        try
        {
            var isNew = Prepare(connection, path, options, time, logger);
            return new Database(connection, path, isNew, options, time, logger);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <returns>Whether the file is new.</returns>
    private static bool Prepare(
        SqliteConnection connection, string path, DatabaseOptions options, TimeProvider time, ILogger logger)
    {
        var isNew = Migrator.IsEmpty(connection);
        if (!isNew)
        {
            // First: a file that is not ours is not to be touched, not even by a setting.
            Migrator.Check(connection, path);
        }

        SqliteSettings.ApplyToWriter(connection, options);
        foreach (var migration in Migrator.Apply(connection, time.GetUtcNow()))
        {
            Log.Migrated(logger, migration);
        }

        return isNew;
    }

    private static string Explain(SqliteException exception, string path) => exception.SqliteErrorCode switch
    {
        raw.SQLITE_NOTADB => $"{path} is not a SQLite database.",
        raw.SQLITE_CORRUPT => $"{path} is damaged.",
        raw.SQLITE_CANTOPEN => $"{path} cannot be opened: is it a file, and may this user read and write it?",
        raw.SQLITE_READONLY => $"{path} cannot be written to: may this user write it and its folder?",
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => $"{path} is locked by another process.",
        raw.SQLITE_FULL => $"There is no room on the disk for {path}.",
        _ => $"{path} cannot be opened: {exception.Message}",
    };

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Applied the migration {Migration}.")]
        public static partial void Migrated(ILogger logger, string migration);
    }
}
