using System.Globalization;

namespace Kaffediem.Persistence;

/// <summary>Times as a Kaffebase file stores them, which sort as text: UTC, whole seconds, no zone.</summary>
internal static class Timestamp
{
    private const string Pattern = "yyyy-MM-dd'T'HH:mm:ss";

    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString(Pattern, CultureInfo.InvariantCulture);

    /// <summary>The time that <see cref="Format"/> has written.</summary>
    public static DateTimeOffset Parse(string time) =>
        DateTimeOffset.ParseExact(time, Pattern, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
