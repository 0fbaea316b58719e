using Kaffediem.IntegrationTests.Protocol.Fuzz;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Power;

/// <summary>What a disk may have in the place of what was not synced.</summary>
internal enum Tail
{
    /// <summary>The file ends.</summary>
    Missing,

    /// <summary>The file is as long as it was, but was not written.</summary>
    Zeros,

    /// <summary>Something else was there.</summary>
    Garbage,

    /// <summary>What was there before the log began anew.</summary>
    Stale,
}

/// <summary>Up to where the log is on the disk, and what comes then.</summary>
internal sealed record Cut(long Length, Tail Tail)
{
    /// <summary>At the end of every frame, and somewhere in each.</summary>
    public static IEnumerable<Cut> All(Recording recording, FuzzRandom random)
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
                    yield return new Cut(length, tail);
                }
            }
        }
    }

    /// <summary>What is left of a log.</summary>
    public byte[] Apply(Recording recording, FuzzRandom random)
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
