using System.Globalization;

namespace Kaffediem.Benchmarks.Scenarios;

/// <summary>The load client's options for 1,000 subscribers.</summary>
internal static class Audience
{
    /// <summary>
    /// They join with orders from now on. With the orders of all earlier rounds in each reply, the thousand joins would
    /// take most of the round, and most of the server's memory.
    /// </summary>
    public static string[] FromNowOn()
    {
        var now = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return ["--Subscribers=1000", $$"""--JoinOptions={"from_date":"{{now}}"}"""];
    }
}
