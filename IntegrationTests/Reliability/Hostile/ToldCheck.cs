using Kaffediem.IntegrationTests.Realtime.Property;

namespace Kaffediem.IntegrationTests.Reliability.Hostile;

/// <summary>Whether a screen was told of every change, each once and in order, on one connection.</summary>
internal static class ToldCheck
{
    /// <param name="told">What it was told, a part for every join.</param>
    /// <param name="log">All changes of the collection, in order.</param>
    /// <returns>What is not as it must be; <c>null</c>: nothing.</returns>
    public static string? Find(IReadOnlyList<Told> told, IReadOnlyList<long> log)
    {
        if (told is not [var only])
        {
            return $"it has joined {told.Count} times";
        }

        var expected = log.Where(seq => seq > only.From).ToList();
        var missing = expected.Except(only.Seqs).ToList();
        return expected.SequenceEqual(only.Seqs)
            ? null
            : $"it was told of {only.Seqs.Count} changes instead of {expected.Count}, not of [{string.Join(' ', missing.Take(10))}]";
    }
}
