using System.Globalization;
using Dapper;
using Kaffediem.Persistence.Log;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Kaffediem.Persistence.Sqlite.Maintenance;

/// <summary>
/// A backup in the place of the database. It is written into the database's own file, in one transaction of SQLite: so
/// a crash at any moment leaves the old content or the new, and whatever log or journal lies beside the file belongs to
/// it. Were the file replaced instead, the log of the old one could be taken for the new one's.
/// </summary>
public static class DatabaseRestore
{
    /// <summary>
    /// Restores a backup. Clients that come back load everything anew: what their seqs stood for is gone.
    /// </summary>
    /// <param name="options">The database; there need be none.</param>
    /// <param name="source">The backup, of this version or an older one, or of Kaffebase.</param>
    /// <param name="time">The present.</param>
    /// <param name="tell">Told how it goes, if that takes long.</param>
    /// <exception cref="DatabaseException">The database is as it was, and the message says why.</exception>
    public static RestoreReport Run(DatabaseOptions options, string source, TimeProvider time, Action<string> tell)
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
            MakeReady(backup, source, copy, tell);
            return Replace(path, copy.Connection, time.GetUtcNow(), tell);
        });
    }

    // What is to be in place: whole, for itself, and of an epoch that nobody has seen.
    private static void MakeReady(SqliteConnection backup, string source, PartialFile copy, Action<string> tell)
    {
        using var transaction = backup.BeginTransaction(deferred: true);
        PageCopy.Run(backup, copy.Connection, percent => tell($"Read {percent} %."));
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
        string path, SqliteConnection copy, DateTimeOffset now, Action<string> tell)
    {
        var kept = $"{path}.before-restore-{now.ToString("yyyyMMdd-HHmmss-fff", CultureInfo.InvariantCulture)}";
        var (place, isMovedAside) = Claim(path, kept);
        using var closing = place;
        var isKept = isMovedAside || Keep(place, kept, tell);
        var pages = PageCopy.Run(copy, place, percent => tell($"Wrote {percent} %."));
        var content = FileContent.Read(place);
        return content == FileContent.Read(copy)
            ? new RestoreReport(path, isKept ? kept : null, pages, content.LastSeq)
            : throw new DatabaseException($"{path} is not what was written to it.");
    }

    /// <returns>
    /// The file, which from now on nobody else can use, and whether it is a new one because it was none.
    /// </returns>
    private static (SqliteConnection Connection, bool IsMovedAside) Claim(string path, string aside)
    {
        try
        {
            return (OpenAlone(path), false);
        }
        catch (SqliteException exception)
            when (DatabaseFault.CodeOf(exception) is raw.SQLITE_NOTADB or raw.SQLITE_CORRUPT)
        {
            // The log first: without its file it is nothing, while the file without it may be taken for older than it
            // is.
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
        var connection = SqliteSettings.Connect(path, SqliteOpenMode.ReadWriteCreate);
        try
        {
            SqliteSettings.ApplyToCopy(connection);
            // What a crash may have left of the log's index, which nobody can have open now. SQLite would begin it
            // anew.
            File.Delete(path + "-shm");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    // Unchecked: it may be damaged, which may be why it is replaced.
    private static bool Keep(SqliteConnection place, string kept, Action<string> tell)
    {
        // One page is what an empty file gets when it is locked.
        if (place.QuerySingle<long>("PRAGMA page_count") <= 1)
        {
            return false;
        }

        using var copy = PartialFile.Create(kept);
        PageCopy.Run(place, copy.Connection, percent => tell($"Kept {percent} %."));
        copy.Publish(overwrite: false);
        return true;
    }
}

/// <summary>A backup that was restored.</summary>
/// <param name="Path">The database.</param>
/// <param name="Kept">What was there before; <c>null</c> if there was nothing.</param>
/// <param name="Pages">How many pages it has.</param>
/// <param name="LastSeq">The last change it has; 0 if there is none.</param>
public sealed record RestoreReport(string Path, string? Kept, long Pages, long LastSeq);
