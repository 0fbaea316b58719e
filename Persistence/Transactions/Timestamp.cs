using System.Globalization;

namespace Kaffediem.Persistence.Transactions;

/// <summary>
/// Times as a Kaffebase file stores them: text that sorts by time, UTC without a zone, in whole seconds. The times of
/// orders also have milliseconds, unless Kaffebase wrote them. Kaffebase reads both and drops the milliseconds (Ecto
/// truncates a <c>naive_datetime</c> when it loads one).
/// </summary>
internal static class Timestamp
{
    private const string Pattern = "yyyy-MM-dd'T'HH:mm:ss";
    private const string ExactPattern = Pattern + ".fff";

    // Without a trailing ".000": a text sorts before its continuations, so a whole second sorts before its
    // milliseconds.
    private const string BoundPattern = Pattern + ".FFFFFFF";

    private const int SecondsLength = 19;

    // The last of all characters, also in SQLite's order.
    private const string LastCharacter = "\U0010FFFF";

    public static string Format(DateTimeOffset time) => Format(time, Pattern);

    /// <summary>Formats a time with milliseconds.</summary>
    public static string FormatExact(DateTimeOffset time) => Format(time, ExactPattern);

    /// <summary>A lower bound: exactly the stored times from <paramref name="time"/> on sort at or after it.</summary>
    public static string FormatBound(DateTimeOffset time) => Format(time, BoundPattern);

    /// <summary>Cuts a stored time, with a zone or without, to <c>2026-11-23T12:57:01</c>.</summary>
    public static string ToSeconds(string time) => time.Length > SecondsLength ? time[..SecondsLength] : time;

    /// <summary>An upper bound: no stored time of the same second sorts after it.</summary>
    public static string EndOfSecond(string time) => ToSeconds(time) + LastCharacter;

    /// <summary>Parses what <see cref="Format(DateTimeOffset)"/> wrote.</summary>
    public static DateTimeOffset Parse(string time) =>
        DateTimeOffset.ParseExact(time, Pattern, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static string Format(DateTimeOffset time, string pattern) =>
        time.UtcDateTime.ToString(pattern, CultureInfo.InvariantCulture);
}
