using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Power;

/// <summary>The bytes that a disk may have in place of unsynced ones.</summary>
internal enum Tail
{
    /// <summary>The file ends there.</summary>
    Missing,

    /// <summary>The file kept its length, but the bytes were not written.</summary>
    Zeros,

    /// <summary>Other data.</summary>
    Garbage,

    /// <summary>The bytes from before the log restarted.</summary>
    Stale,
}

/// <summary>Up to where the log is on the disk, and what follows.</summary>
internal sealed record LogCut(long Length, Tail Tail)
{
    /// <summary>A cut at the end of every frame, and one somewhere in each.</summary>
    public static IEnumerable<LogCut> All(Recording recording, SeededRandom random)
    {
        var wal = recording.Wal;
        Tail[] tails = recording.Stale.Length == 0
            ? [Tail.Missing, Tail.Zeros, Tail.Garbage]
            : [Tail.Missing, Tail.Zeros, Tail.Garbage, Tail.Stale];
        for (var frames = 0; frames <= wal.Frames; frames++)
        {
            long[] lengths = [wal.EndOf(frames), wal.EndOf(frames) + 1 + random.Below(wal.FrameSize - 1)];
            foreach (var length in lengths.Where(it => it >= recording.Served && it <= recording.Log.Length))
            {
                foreach (var tail in TestSettings.IsLong ? tails : [random.Pick<Tail>(tails)])
                {
                    yield return new LogCut(length, tail);
                }
            }
        }
    }

    /// <summary>The log after the cut.</summary>
    public byte[] Apply(Recording recording, SeededRandom random)
    {
        var (kept, rest) = (recording.Log[..(int)Length], recording.Log.Length - (int)Length);
        return Tail switch
        {
            Tail.Missing => kept,
            Tail.Zeros => [.. kept, .. new byte[rest]],
            Tail.Garbage => [.. kept, .. random.Bytes(rest)],
            _ => [.. kept, .. recording.Stale.AsSpan(Math.Min((int)Length, recording.Stale.Length))],
        };
    }
}
