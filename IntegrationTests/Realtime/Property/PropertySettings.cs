using System.Globalization;
using System.Security.Cryptography;

namespace Kaffediem.IntegrationTests.Realtime.Property;

/// <summary>
/// What the environment asks for: <c>KAFFEDIEM_PROPERTY_SEED</c> (default: a new one for every run, which the output
/// names), <c>KAFFEDIEM_PROPERTY_STEPS</c> (default 100,000).
/// </summary>
internal static class PropertySettings
{
    public static ulong Seed { get; } = Read("KAFFEDIEM_PROPERTY_SEED") is { } seed
        ? ulong.Parse(seed, CultureInfo.InvariantCulture)
        : BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4)); // short enough to be typed

    public static int Steps { get; } = int.Parse(
        Read("KAFFEDIEM_PROPERTY_STEPS") ?? "100000", CultureInfo.InvariantCulture);

    private static string? Read(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
