using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Kaffediem.Persistence.Sqlite.Maintenance;

/// <summary>A database copied into another, page by page, by SQLite: https://www.sqlite.org/backup.html.</summary>
internal static class PageCopy
{
    // 16 MB at the usual size: a step of a second on a slow disk, so that long work can say how far it is.
    private const int PagesPerStep = 4096;

    /// <summary>
    /// Copies everything as of one instant. The target has it in one transaction of its own: all of it, or, after a
    /// failure or a crash, what was there before.
    /// </summary>
    /// <param name="source">
    /// In a transaction if others may write to it: between the steps it would begin anew for them.
    /// </param>
    /// <param name="target">In none.</param>
    /// <param name="tellPercent">Told how far it is, at most ten times, and not at all if it is short.</param>
    /// <returns>How many pages.</returns>
    public static long Run(SqliteConnection source, SqliteConnection target, Action<int> tellPercent)
    {
        using var backup = raw.sqlite3_backup_init(target.Handle, "main", source.Handle, "main");
        if (backup.IsInvalid)
        {
            SqliteException.ThrowExceptionForRC(raw.sqlite3_errcode(target.Handle), target.Handle);
        }

        var told = 0;
        while (raw.sqlite3_backup_step(backup, PagesPerStep) is var code && code != raw.SQLITE_DONE)
        {
            // The target's: also for what is wrong with the source.
            SqliteException.ThrowExceptionForRC(code, target.Handle);
            var pages = raw.sqlite3_backup_pagecount(backup);
            var percent = (int)(100L * (pages - raw.sqlite3_backup_remaining(backup)) / pages);
            if (percent / 10 > told / 10)
            {
                tellPercent(told = percent);
            }
        }

        return raw.sqlite3_backup_pagecount(backup);
    }
}
