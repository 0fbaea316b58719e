using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Sqlite.Maintenance;

/// <summary>Copies the database as of one instant, while a server may be writing to it.</summary>
public static class DatabaseBackup
{
    /// <summary>
    /// Makes a backup: one file without a log beside it, which is compared with its source and checked as a whole
    /// before it gets its name. A running server keeps writing; its write-ahead log grows until the backup is done.
    /// </summary>
    /// <param name="options">The database.</param>
    /// <param name="target">The file to make.</param>
    /// <param name="overwrite">Whether the backup may replace an existing file.</param>
    /// <param name="report">Gets a line on the progress of long work.</param>
    /// <exception cref="DatabaseException">No backup was made; the message says why.</exception>
    public static BackupReport Make(DatabaseOptions options, string target, bool overwrite, Action<string> report)
    {
        var path = DatabaseLock.ResolveLink(options.Path);
        target = Path.GetFullPath(target);
        Refuse(path, target, overwrite);
        return DiskWork.Run(path, () =>
        {
            PartialFile.DeleteLeftovers(target);
            using var source = SourceFile.OpenOurs(path);
            return DiskWork.Run(target, () => Make(source, target, overwrite, report));
        });
    }

    /// <summary>Copies what a connection sees into a file, checks the copy, and gives it its name.</summary>
    private static BackupReport Make(
        SqliteConnection source, string target, bool overwrite, Action<string> report)
    {
        using var copy = PartialFile.Create(target);
        using var transaction = source.BeginTransaction(deferred: true);
        var expected = FileContent.Read(source);
        var pages = PageCopy.Run(source, copy.Connection, percent => report($"Copied {percent} %."));
        transaction.Commit();
        copy.Finish();
        Verify(copy.Connection, expected);
        copy.Publish(overwrite);
        return new BackupReport(target, pages, new FileInfo(target).Length, expected.LastSeq);
    }

    private static void Refuse(string path, string target, bool overwrite)
    {
        if (Directory.Exists(target))
        {
            throw new DatabaseException($"{target} is a folder: the backup needs the name of a file.");
        }

        if (DatabaseLock.ResolveLink(target) == path)
        {
            throw new DatabaseException($"{target} is the database itself.");
        }

        if (PrivateFiles.IsLink(target))
        {
            throw new DatabaseException($"{target} is a symbolic link: name the file itself.");
        }

        if (File.Exists(target) && !overwrite)
        {
            throw new DatabaseException($"{target} exists already; --force replaces it.");
        }
    }

    private static void Verify(SqliteConnection copy, FileContent expected)
    {
        if (FileContent.FindDamage(copy) is [var damage, ..])
        {
            throw new DatabaseException($"The copy is damaged, and so may be the database: {damage}.");
        }

        if (FileContent.Read(copy) != expected)
        {
            throw new DatabaseException("The copy differs from the database.");
        }
    }
}

/// <summary>A backup that was made.</summary>
/// <param name="Path">The file.</param>
/// <param name="Pages">How many pages it has.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="LastSeq">Its last change; 0 if it has none.</param>
public sealed record BackupReport(string Path, long Pages, long Bytes, long LastSeq);
