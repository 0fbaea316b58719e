namespace Kaffediem.IntegrationTests.Reliability.Disk;

/// <summary>Makes a page of a database file unreadable, as a failing disk does.</summary>
internal static class Damage
{
    /// <summary>Overwrites the first page of a table.</summary>
    /// <returns>An action that restores the page.</returns>
    public static Action Table(string path, string table)
    {
        var page = SqliteFile.Query<long>(path, $"SELECT rootpage FROM sqlite_master WHERE name = '{table}'").Single();
        var size = SqliteFile.Query<int>(path, "PRAGMA page_size").Single();
        var position = (page - 1) * size;
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var before = new byte[size];
        file.Position = position;
        file.ReadExactly(before);
        Write(path, position, [.. Enumerable.Repeat((byte)0xA5, size)]);
        return () => Write(path, position, before);
    }

    private static void Write(string path, long position, byte[] bytes)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Position = position;
        file.Write(bytes);
    }
}
