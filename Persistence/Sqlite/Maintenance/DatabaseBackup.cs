using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Sqlite.Maintenance;

/// <summary>A copy of the database as of one instant, while a server may be writing to it.</summary>
public static class DatabaseBackup
{
    /// <summary>
    /// Makes a backup: one file, without a log beside it, compared with what was to be copied and checked as a whole
    /// before it gets its name. A server that runs goes on writing; its log grows until this is over.
    /// </summary>
    /// <param name="options">The database.</param>
    /// <param name="target">The file to make.</param>
    /// <param name="overwrite">Whether it may replace one.</param>
    /// <param name="tell">Told how it goes, if that takes long.</param>
    /// <exception cref="DatabaseException">There is no backup, and the message says why.</exception>
    public static BackupReport Make(DatabaseOptions options, string target, bool overwrite, Action<string> tell)
    {
        var path = DatabaseLock.ResolveLink(options.Path);
        target = Path.GetFullPath(target);
        Refuse(path, target, overwrite);
        return DiskWork.Run(path, () =>
        {
            PartialFile.DeleteLeftovers(target);
            using var source = SourceFile.OpenOurs(path);
            return DiskWork.Run(target, () => Make(source, target, overwrite, tell));
        });
    }

    /// <summary>Copies what a connection sees into a file, checks that, and gives it its name.</summary>
    private static BackupReport Make(
        SqliteConnection source, string target, bool overwrite, Action<string> tell)
    {
        using var copy = PartialFile.Create(target);
        using var transaction = source.BeginTransaction(deferred: true);
        var expected = FileContent.Read(source);
        var pages = PageCopy.Run(source, copy.Connection, percent => tell($"Copied {percent} %."));
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
            throw new DatabaseException("The copy is not what was to be copied.");
        }
    }
}

/// <summary>A backup that was made.</summary>
/// <param name="Path">The file.</param>
/// <param name="Pages">How many pages it has.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="LastSeq">The last change it has; 0 if there is none.</param>
public sealed record BackupReport(string Path, long Pages, long Bytes, long LastSeq);
