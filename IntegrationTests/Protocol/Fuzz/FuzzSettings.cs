using System.Globalization;
using System.Security.Cryptography;

namespace Kaffediem.IntegrationTests.Protocol.Fuzz;

/// <summary>
/// What the environment asks for: <c>FUZZ_SECONDS</c>, for each kind (default 6: all together stay below a minute);
/// <c>FUZZ_SEED</c> (default always the same, so that a build can be repeated; <c>random</c> for a new one);
/// <c>FUZZ_CASE</c>, the one case to run.
/// </summary>
internal static class FuzzSettings
{
    public static TimeSpan Duration { get; } = TimeSpan.FromSeconds(
        double.Parse(Read("FUZZ_SECONDS") ?? "6", CultureInfo.InvariantCulture));

    public static ulong Seed { get; } = Read("FUZZ_SEED") switch
    {
        null => 2026,
        "random" => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)),
        var seed => ulong.Parse(seed, CultureInfo.InvariantCulture),
    };

    public static long? Case { get; } = Read("FUZZ_CASE") is { } index
        ? long.Parse(index, CultureInfo.InvariantCulture)
        : null;

    private static string? Read(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
