using System.Globalization;
using System.Security.Cryptography;

namespace Kaffediem.IntegrationTests.Support;

/// <summary>
/// Everything that a test run reads from the environment. CONTRIBUTING.md, "Build and test", has the table.
/// </summary>
/// <remarks>
/// The variables are parsed where they are read and not in static initializers, so that a wrong value fails a test with
/// a message that names it.
/// </remarks>
internal static class TestSettings
{
    private const string Variable = "KAFFEDIEM_TESTS";

    private static readonly ulong Random = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4)); // easy to type

    public static TestForm Form => ParseForm(Environment.GetEnvironmentVariable(Variable));

    public static bool IsQuick => Form == TestForm.Quick;

    public static bool IsLong => Form == TestForm.Long;

    /// <summary>The seed of everything random (default: a new one for each run, which the output names).</summary>
    public static ulong Seed => GivenSeed ?? Random;

    /// <summary>
    /// The seed of the fuzz tests (default: always the same, so that a build can be repeated; in the long form a new
    /// one).
    /// </summary>
    public static ulong FuzzSeed => GivenSeed ?? (IsLong ? Random : 2026);

    /// <summary>The one case that the fuzz tests run (default: all of the form).</summary>
    public static long? Case => (long?)Read("CASE");

    /// <summary>How to repeat what a test did, for its output and failures.</summary>
    public static string Repeat => $"{Variable}={Form.ToString().ToLowerInvariant()} {Variable}_SEED={Seed}";

    private static ulong? GivenSeed => (ulong?)Read("SEED");

    /// <summary>The value that belongs to the form.</summary>
    public static T Pick<T>(T quick, T full, T @long) => Form switch
    {
        TestForm.Quick => quick,
        TestForm.Full => full,
        _ => @long,
    };

    /// <summary>How many rounds an experiment has, or steps where it has no rounds.</summary>
    public static int Rounds(int quick, int full, int @long) => (int?)Read("ROUNDS") ?? Pick(quick, full, @long);

    /// <summary>How long an experiment takes.</summary>
    public static TimeSpan Time(TimeSpan quick, TimeSpan full, TimeSpan @long) =>
        Read("MINUTES") is { } minutes ? TimeSpan.FromMinutes((double)minutes) : Pick(quick, full, @long);

    /// <summary>How to repeat one case of a fuzz test.</summary>
    public static string RepeatCase(long index) => $"{Variable}_SEED={FuzzSeed} {Variable}_CASE={index}";

    /// <exception cref="InvalidOperationException">There is no such form.</exception>
    internal static TestForm ParseForm(string? value) => value switch
    {
        null or "" or "quick" => TestForm.Quick,
        "full" => TestForm.Full,
        "long" => TestForm.Long,
        _ => throw new InvalidOperationException($"{Variable}={value}: the forms are quick, full and long."),
    };

    /// <param name="name">Without <c>KAFFEDIEM_TESTS_</c>.</param>
    /// <param name="value">The variable's value.</param>
    /// <exception cref="InvalidOperationException">The value is not of the variable's kind.</exception>
    internal static decimal Parse(string name, string value)
    {
        var (style, least, greatest, kind) = name switch
        {
            "SEED" => (NumberStyles.None, 0, ulong.MaxValue, "a whole number"),
            "CASE" => (NumberStyles.None, 0, long.MaxValue, "the number of a case"),
            "ROUNDS" => (NumberStyles.None, 1, int.MaxValue, "a number of rounds"),
            _ => (NumberStyles.AllowDecimalPoint, 0.001m, 100_000m, "a number of minutes"),
        };
        return decimal.TryParse(value, style, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= greatest
                ? number
                : throw new InvalidOperationException($"{Variable}_{name}={value}: {kind} is expected.");
    }

    private static decimal? Read(string name) =>
        Environment.GetEnvironmentVariable($"{Variable}_{name}") is { Length: > 0 } value ? Parse(name, value) : null;
}
