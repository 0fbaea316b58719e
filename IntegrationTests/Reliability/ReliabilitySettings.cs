using System.Globalization;
using System.Security.Cryptography;

namespace Kaffediem.IntegrationTests.Reliability;

/// <summary>
/// What the environment asks for: <c>KAFFEDIEM_RELIABILITY=long</c> (default: the short form),
/// <c>KAFFEDIEM_RELIABILITY_SEED</c> (default: a new one for every run, which the output names),
/// <c>KAFFEDIEM_RELIABILITY_ROUNDS</c> (default: as many as the form has), <c>KAFFEDIEM_RELIABILITY_MINUTES</c>
/// (default: as long as the form takes, where it is time that counts).
/// </summary>
internal static class ReliabilitySettings
{
    public static bool IsLong { get; } = Read("KAFFEDIEM_RELIABILITY") == "long";

    public static ulong Seed { get; } = Read("KAFFEDIEM_RELIABILITY_SEED") is { } seed
        ? ulong.Parse(seed, CultureInfo.InvariantCulture)
        : BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4)); // short enough to be typed

    public static int Rounds(int shortForm, int longForm) => Read("KAFFEDIEM_RELIABILITY_ROUNDS") is { } rounds
        ? int.Parse(rounds, CultureInfo.InvariantCulture)
        : IsLong ? longForm : shortForm;

    public static TimeSpan Time(int shortForm, int longForm) => TimeSpan.FromMinutes(
        Read("KAFFEDIEM_RELIABILITY_MINUTES") is { } minutes
            ? double.Parse(minutes, CultureInfo.InvariantCulture)
            : IsLong ? longForm : shortForm);

    private static string? Read(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
