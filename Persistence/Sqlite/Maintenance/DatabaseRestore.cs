using System.Globalization;
using Dapper;
using Kaffediem.Persistence.Log;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Kaffediem.Persistence.Sqlite.Maintenance;

/// <summary>
/// Puts a backup in the place of the database. It is written into the database's own file, in one transaction of
/// SQLite, so a crash at any moment leaves the old content or the new, and a log or journal beside the file always
/// belongs to it. If the file were replaced instead, the old file's log could be mistaken for the new one's.
/// </summary>
public static class DatabaseRestore
{
    /// <summary>
    /// Restores a backup. Clients that reconnect load everything again, because their seqs belong to another epoch.
    /// </summary>
    /// <param name="options">The database, which need not exist.</param>
    /// <param name="source">The backup: of this version, of an older one, or of Kaffebase.</param>
    /// <param name="time">The clock.</param>
    /// <param name="report">Gets a line on the progress of long work.</param>
    /// <exception cref="DatabaseException">The database is as it was; the message says why.</exception>
    public static RestoreReport Run(DatabaseOptions options, string source, TimeProvider time, Action<string> report)
    {
        var path = DatabaseLock.ResolveLink(options.Path);
        source = Path.GetFullPath(source);
        if (DatabaseLock.ResolveLink(source) == path)
        {
            throw new DatabaseException($"{source} is the database itself.");
        }

        DiskWork.Run(path, () => PartialFile.DeleteLeftovers(path));
        using var backup = DiskWork.Run(source, () => SourceFile.OpenOurs(source));
        DatabaseFile.MakeFolder(options);
        using var heldLock = DatabaseLock.Take(path);
        return DiskWork.Run(path, () =>
        {
            using var copy = PartialFile.Create(path + ".restore");
            MakeReady(backup, source, copy, report);
            return Replace(path, copy.Connection, time.GetUtcNow(), report);
        });
    }

    // Makes the copy that will be in place: undamaged, without a log beside it, and of an epoch no client has seen.
    private static void MakeReady(SqliteConnection backup, string source, PartialFile copy, Action<string> report)
    {
        using var transaction = backup.BeginTransaction(deferred: true);
        PageCopy.Run(backup, copy.Connection, percent => report($"Read {percent} %."));
        copy.Finish();
        if (FileContent.FindDamage(copy.Connection) is [var damage, ..])
        {
            throw new DatabaseException($"{source} is damaged: {damage}.");
        }

        if (Migrator.HasChangeLog(copy.Connection))
        {
            ChangeLog.BeginEpoch(copy.Connection);
        }
    }

    private static RestoreReport Replace(
        string path, SqliteConnection copy, DateTimeOffset now, Action<string> report)
    {
        var kept = $"{path}.before-restore-{now.ToString("yyyyMMdd-HHmmss-fff", CultureInfo.InvariantCulture)}";
        var (place, isMovedAside) = Claim(path, kept);
        using var closing = place;
        var isKept = isMovedAside || Keep(place, kept, report);
        var pages = PageCopy.Run(copy, place, percent => report($"Wrote {percent} %."));
        var content = FileContent.Read(place);
        return content == FileContent.Read(copy)
            ? new RestoreReport(path, isKept ? kept : null, pages, content.LastSeq)
            : throw new DatabaseException($"{path} differs from what was written to it.");
    }

    /// <returns>
    /// A connection through which nobody else can use the file, and whether the old file was moved aside because it was
    /// not a readable database.
    /// </returns>
    private static (SqliteConnection Connection, bool IsMovedAside) Claim(string path, string aside)
    {
        try
        {
            return (OpenAlone(path), false);
        }
        catch (SqliteException exception)
            when (SqliteFault.CodeOf(exception) is raw.SQLITE_NOTADB or raw.SQLITE_CORRUPT)
        {
            // The log first: a log without its file is useless, but a file without its log could pass for an older
            // state of the database.
            foreach (var suffix in (string[])["-wal", "-journal", "-shm", ""])
            {
                if (File.Exists(path + suffix))
                {
                    File.Move(path + suffix, aside + suffix);
                    PrivateFiles.Tighten(aside + suffix);
                }
            }

            FolderSync.Run(path);
            return (OpenAlone(path), true);
        }
    }

    private static SqliteConnection OpenAlone(string path)
    {
        PrivateFiles.EnsureFile(path);
        return SqliteSettings.Connect(path, SqliteOpenMode.ReadWriteCreate, connection =>
        {
            SqliteSettings.ApplyToCopy(connection);
            // A crash may have left the log's index, which nobody can have open now. SQLite would make a new one.
            File.Delete(path + "-shm");
        });
    }

    // Keeps a copy of the old content. Unchecked: it may be damaged, and that may be why it is replaced.
    private static bool Keep(SqliteConnection place, string kept, Action<string> report)
    {
        // Locking an empty file gives it one page.
        if (place.QuerySingle<long>("PRAGMA page_count") <= 1)
        {
            return false;
        }

        using var copy = PartialFile.Create(kept);
        PageCopy.Run(place, copy.Connection, percent => report($"Kept {percent} %."));
        copy.Publish(overwrite: false);
        return true;
    }
}

/// <summary>A backup that was restored.</summary>
/// <param name="Path">The database.</param>
/// <param name="Kept">The copy of the database that was there before; <c>null</c> if there was none.</param>
/// <param name="Pages">How many pages the database has now.</param>
/// <param name="LastSeq">Its last change; 0 if it has none.</param>
public sealed record RestoreReport(string Path, string? Kept, long Pages, long LastSeq);
