using System.Buffers.Binary;

namespace Kaffediem.IntegrationTests.Support;

/// <summary>The write-ahead log beside a database: https://www.sqlite.org/fileformat2.html#walformat.</summary>
internal static class WriteAheadLog
{
    private const int HeaderLength = 32;
    private const int FrameHeaderLength = 24;

    /// <summary>
    /// How many commits the log has: those that wrote something, up to the first 1,000 pages or so, after which SQLite
    /// begins the log again.
    /// </summary>
    /// <param name="database">The database's file.</param>
    public static int CountCommits(string database)
    {
        using var file = new FileStream(
            database + "-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> header = stackalloc byte[HeaderLength];
        file.ReadExactly(header);
        var pageSize = BinaryPrimitives.ReadInt32BigEndian(header[8..]);
        var salt = BinaryPrimitives.ReadInt64BigEndian(header[16..]);
        var commits = 0;
        Span<byte> frame = stackalloc byte[FrameHeaderLength];
        while (file.ReadAtLeast(frame, FrameHeaderLength, throwOnEndOfStream: false) == FrameHeaderLength
            && BinaryPrimitives.ReadInt64BigEndian(frame[8..]) == salt)
        {
            // The size of the database after a commit; 0 in all other frames.
            commits += BinaryPrimitives.ReadInt32BigEndian(frame[4..]) == 0 ? 0 : 1;
            file.Seek(pageSize, SeekOrigin.Current);
        }

        return commits;
    }
}
