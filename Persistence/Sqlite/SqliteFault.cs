using Kaffediem.Persistence.Writing;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>Separates SQLite's errors that are faults of the machine from those of the program.</summary>
internal static class SqliteFault
{
    /// <summary>The fault; <c>null</c> when the exception is a fault of the program.</summary>
    public static DiskFault? Of(Exception exception) => exception switch
    {
        // Its message has the file's path, which is for the log only.
        DatabaseException => new DiskFault("The database is no longer the file that was opened.", IsDamage: false),
        SqliteException failure when Explain(failure, "the database") is { } description =>
            new DiskFault(description, IsDamage(failure)),
        _ => null,
    };

    /// <summary>Does something that opens a file.</summary>
    /// <exception cref="DatabaseException">SQLite failed; the message says why, with the file's name.</exception>
    public static T Explain<T>(string path, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (SqliteException exception)
        {
            throw new DatabaseException(
                Explain(exception, path) ?? $"{path} cannot be opened: {exception.Message}", exception);
        }
    }

    /// <summary>
    /// The primary error code. Only some exceptions leave out the upper bytes, which have the details.
    /// </summary>
    public static int CodeOf(SqliteException exception) => exception.SqliteErrorCode & 0xFF;

    private static bool IsDamage(SqliteException exception) =>
        CodeOf(exception) is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB
        || exception.SqliteExtendedErrorCode is raw.SQLITE_IOERR_READ or raw.SQLITE_IOERR_SHORT_READ;

    private static string? Explain(SqliteException exception, string path) => CodeOf(exception) switch
    {
        raw.SQLITE_NOTADB => $"{path} is not a SQLite database.",
        raw.SQLITE_CORRUPT => $"{path} is damaged.",
        raw.SQLITE_CANTOPEN => $"{path} cannot be opened: is it a file, and may this user read and write it?",
        raw.SQLITE_READONLY or raw.SQLITE_PERM =>
            $"{path} cannot be written to: may this user write it and its folder?",
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => $"{path} is locked by another process.",
        raw.SQLITE_FULL => $"There is no room on the disk for {path}.",
        // The extended code says which call failed: SQLITE_IOERR_WRITE is 778.
        raw.SQLITE_IOERR =>
            $"{path} cannot be read or written: the disk reports an error, or has no room "
                + $"(SQLite {exception.SqliteExtendedErrorCode}).",
        raw.SQLITE_NOMEM => $"There is no memory left to work on {path}.",
        _ => null,
    };
}
