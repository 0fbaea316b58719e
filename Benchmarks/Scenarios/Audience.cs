using System.Globalization;

namespace Kaffediem.Benchmarks.Scenarios;

/// <summary>1,000 subscribers, for the load client's plan.</summary>
internal static class Audience
{
    /// <summary>
    /// They ask for the orders from now on: with all of the rounds before in its answer, a thousand joins would be the
    /// better part of a round, and of the server's memory.
    /// </summary>
    public static string[] FromNowOn()
    {
        var now = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return ["--Subscribers=1000", $$"""--JoinOptions={"from_date":"{{now}}"}"""];
    }
}
