using System.Globalization;

namespace Kaffediem.Persistence;

/// <summary>Times as a Kaffebase file stores them, which sort as text: UTC, whole seconds, no zone.</summary>
internal static class Timestamp
{
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
}
