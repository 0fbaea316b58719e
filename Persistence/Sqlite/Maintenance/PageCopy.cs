using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Kaffediem.Persistence.Sqlite.Maintenance;

/// <summary>Copies a database into another, page by page: https://www.sqlite.org/backup.html.</summary>
internal static class PageCopy
{
    // 16 MB at the usual page size: a second on a slow disk, so that long work can report its progress.
    private const int PagesPerStep = 4096;

    /// <summary>
    /// Copies everything as of one instant, in one transaction of the target. After a failure or a crash the target has
    /// what it had before.
    /// </summary>
    /// <param name="source">
    /// In a transaction if others may write to it: a write between two steps would make the copy start again.
    /// </param>
    /// <param name="target">Outside a transaction.</param>
    /// <param name="reportPercent">Gets the progress at most ten times, and never if the copy is short.</param>
    /// <returns>How many pages were copied.</returns>
    public static long Run(SqliteConnection source, SqliteConnection target, Action<int> reportPercent)
    {
        using var backup = raw.sqlite3_backup_init(target.Handle, "main", source.Handle, "main");
        if (backup.IsInvalid)
        {
            SqliteException.ThrowExceptionForRC(raw.sqlite3_errcode(target.Handle), target.Handle);
        }

        var reported = 0;
        while (raw.sqlite3_backup_step(backup, PagesPerStep) is var code && code != raw.SQLITE_DONE)
        {
            // The target's error also covers failures of the source.
            SqliteException.ThrowExceptionForRC(code, target.Handle);
            var pages = raw.sqlite3_backup_pagecount(backup);
            var percent = (int)(100L * (pages - raw.sqlite3_backup_remaining(backup)) / pages);
            if (percent / 10 > reported / 10)
            {
                reported = percent;
                reportPercent(percent);
            }
        }

        return raw.sqlite3_backup_pagecount(backup);
    }
}
