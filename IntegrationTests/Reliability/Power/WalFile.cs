using System.Buffers.Binary;

namespace Kaffediem.IntegrationTests.Reliability.Power;

/// <summary>
/// The current generation of SQLite's write-ahead log (sqlite.org/fileformat2.html#walformat), big-endian:
/// <code>
/// file   = magic:4 version:4 page-size:4 checkpoint:4 salts:8 checksums:8 *frame
/// frame  = page-number:4 size-after-commit:4 salts:8 checksums:8 page
/// </code>
/// A frame that ends a commit has a size other than 0. A checkpointed log restarts with other salts; the frames beyond
/// its last one then have the salts of the previous generation.
/// </summary>
/// <param name="Salts">The salts of the current generation; 0 without a log.</param>
/// <param name="FrameSize">In bytes.</param>
/// <param name="Frames">How many frames there are.</param>
/// <param name="End">Where the last commit ends.</param>
internal sealed record WalFile(ulong Salts, int FrameSize, int Frames, long End)
{
    public const int HeaderSize = 32;

    private const int FrameHeaderSize = 24;

    public static WalFile Read(string path)
    {
        if (!File.Exists(path))
        {
            return new WalFile(0, 0, 0, 0);
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Span<byte> header = stackalloc byte[HeaderSize];
        if (file.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false) < HeaderSize)
        {
            return new WalFile(0, 0, 0, 0);
        }

        var salts = BinaryPrimitives.ReadUInt64BigEndian(header[16..]);
        var wal = new WalFile(
            salts, FrameHeaderSize + (int)BinaryPrimitives.ReadUInt32BigEndian(header[8..]), 0, HeaderSize);
        while (wal.EndOf(wal.Frames + 1) <= file.Length)
        {
            file.Position = wal.EndOf(wal.Frames);
            file.ReadExactly(header[..FrameHeaderSize]);
            if (BinaryPrimitives.ReadUInt64BigEndian(header[8..]) != salts)
            {
                break;
            }

            wal = wal with { Frames = wal.Frames + 1 };
            var isCommit = BinaryPrimitives.ReadUInt32BigEndian(header[4..]) != 0;
            wal = isCommit ? wal with { End = wal.EndOf(wal.Frames) } : wal;
        }

        return wal;
    }

    /// <summary>The end of a number of frames.</summary>
    public long EndOf(int frames) => HeaderSize + ((long)frames * FrameSize);
}
