using System.Globalization;

namespace Kaffediem.IntegrationTests.Shop.Servers;

/// <summary>A time zone in which it is about ten in the morning, so that "today" lasts as long as a test.</summary>
internal static class MiddayZone
{
    private const int Midday = 10;
    private const int MorningHours = 12;

    /// <summary>The value for <c>Orders:TimeZone</c>.</summary>
    public static string Name
    {
        get
        {
            var hours = Midday - DateTime.UtcNow.Hour;
            var east = hours < -MorningHours ? hours + (2 * MorningHours) : hours;
            return string.Create(CultureInfo.InvariantCulture, $"Etc/GMT{-east:+0;-0}"); // POSIX: its sign is inverted
        }
    }
}
