using System.Numerics;
using System.Text;

namespace Kaffediem.IntegrationTests.Support;

/// <summary>
/// Repeatable random numbers: the same seed and case give the same numbers on every machine and every .NET (SplitMix64;
/// <see cref="System.Random"/> promises that only within a version).
/// </summary>
internal sealed class SeededRandom(ulong state)
{
    private ulong _state = state;

    /// <summary>The numbers of one case, independent of all other cases.</summary>
    public static SeededRandom Of(ulong seed, string kind, long index)
    {
        var mixed = new SeededRandom(seed);
        foreach (var value in Encoding.UTF8.GetBytes($"{kind} {index}"))
        {
            mixed._state = mixed.NextBits() ^ value;
        }

        return new SeededRandom(mixed.NextBits());
    }

    public ulong NextBits()
    {
        var bits = _state += 0x9E3779B97F4A7C15;
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }

    /// <summary>From 0 up to, but not including, <paramref name="end"/>.</summary>
    public int Below(int end) => (int)(NextBits() % (ulong)end);

    public bool OneIn(int chances) => Below(chances) == 0;

    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Below(choices.Length)];

    /// <summary>Up to <paramref name="max"/>, but mostly small: every order of magnitude is equally likely.</summary>
    public int Length(int max) => Below(Math.Min(max, 1 << Below(BitOperations.Log2((uint)max) + 1)) + 1);

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        foreach (ref var value in bytes.AsSpan())
        {
            value = (byte)NextBits();
        }

        return bytes;
    }

    /// <summary>Cuts into parts of random lengths.</summary>
    public IEnumerable<byte[]> Cut(byte[] bytes, int maxParts)
    {
        var parts = 1 + Below(maxParts);
        int[] cuts = [0, .. Enumerable.Range(1, parts - 1).Select(_ => Below(bytes.Length + 1)).Order(), bytes.Length];
        return cuts.Zip(cuts.Skip(1), (start, end) => bytes[start..end]);
    }

    /// <summary>Changes single bytes, and cuts, doubles or inserts pieces.</summary>
    public byte[] Mutate(byte[] bytes)
    {
        for (var left = 1 + Length(8); left > 0 && bytes.Length > 0; left--)
        {
            var (at, length) = (Below(bytes.Length), Length(16));
            var end = Math.Min(bytes.Length, at + length);
            bytes = Below(6) switch
            {
                0 => [.. bytes[..at], .. bytes[end..]],
                1 => [.. bytes[..end], .. bytes[at..]],
                2 => [.. bytes[..at], .. Bytes(length), .. bytes[at..]],
                3 => [.. bytes[..at], Pick("\"\\[]{},:\0\n "u8), .. bytes[at..]],
                4 when OneIn(4) => bytes[..at],
                _ => [.. bytes[..at], (byte)(bytes[at] ^ (1 << Below(8))), .. bytes[(at + 1)..]],
            };
        }

        return bytes;
    }
}
