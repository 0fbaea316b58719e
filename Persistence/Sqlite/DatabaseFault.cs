using Kaffediem.Persistence.Writing;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>
/// What the machine does to a database, as opposed to what a program does: a full disk, a locked or damaged file, more
/// writes than it takes. It may pass by itself, or the operator can put it right; nothing that was acknowledged is lost
/// by it.
/// </summary>
public static class DatabaseFault
{
    /// <summary>Whether an exception from one of the doors, or from an opening, is such a fault.</summary>
    public static bool Is(Exception exception) => Describe(exception) is not null;

    /// <summary>The fault in one line; <c>null</c> when the exception is a fault of the program.</summary>
    public static string? Describe(Exception exception) => exception switch
    {
        DatabaseException or WriteFailedException or WriteQueueFullException => exception.Message,
        SqliteException failure => Explain(failure, "the database"),
        _ => null,
    };

    /// <summary>As <see cref="Describe(Exception)"/>, with the file's name, of whatever stops an opening.</summary>
    internal static string Describe(SqliteException exception, string path) =>
        Explain(exception, path) ?? $"{path} cannot be opened: {exception.Message}";

    /// <summary>Whether something that is stored could not be read. Writing elsewhere succeeds all the same.</summary>
    internal static bool IsDamage(Exception exception) => exception is SqliteException failure
        && (CodeOf(failure) is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB
            || failure.SqliteExtendedErrorCode is raw.SQLITE_IOERR_READ or raw.SQLITE_IOERR_SHORT_READ);

    /// <summary>The code without what is in its upper bytes, which of the exceptions only some leave out.</summary>
    internal static int CodeOf(SqliteException exception) => exception.SqliteErrorCode & 0xFF;

    private static string? Explain(SqliteException exception, string path) => CodeOf(exception) switch
    {
        raw.SQLITE_NOTADB => $"{path} is not a SQLite database.",
        raw.SQLITE_CORRUPT => $"{path} is damaged.",
        raw.SQLITE_CANTOPEN => $"{path} cannot be opened: is it a file, and may this user read and write it?",
        raw.SQLITE_READONLY or raw.SQLITE_PERM => $"{path} cannot be written to: may this user write it "
            + "and its folder?",
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => $"{path} is locked by another process.",
        raw.SQLITE_FULL => $"There is no room on the disk for {path}.",
        // The extended code says which call: SQLITE_IOERR_WRITE is 778.
        raw.SQLITE_IOERR =>
            $"{path} cannot be read or written: the disk reports an error, or has no room "
                + $"(SQLite {exception.SqliteExtendedErrorCode}).",
        raw.SQLITE_NOMEM => $"There is no memory left to work on {path}.",
        _ => null,
    };
}
