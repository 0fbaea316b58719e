using System.Text.RegularExpressions;

namespace Kaffediem.IntegrationTests.Reliability.Hostile;

/// <summary>What a server process has said: whether there is an error in it, an unexpected warning, or a secret.</summary>
internal static partial class ServerLog
{
    // Many wrong passwords are what somebody should look at. Kestrel warns when a busy machine keeps it waiting.
    private static readonly string[] Expected = ["are refused for now", "which does not exist", "the heartbeat has been running for"];

    public static List<string> Find(IEnumerable<string> lines, IReadOnlyCollection<string> secrets) =>
    [
        .. lines
            .Where(line => line.Any(char.IsControl) || (IsBad().IsMatch(line) && !Expected.Any(it => line.Contains(it, StringComparison.Ordinal)))
                || secrets.Any(it => line.Contains(it, StringComparison.Ordinal)))
            .Select(line => $"The log has: {line}"),
    ];

    /// <summary>How many lines it says unless it is asked for more (the default: from Information on).</summary>
    public static int CountTold(IEnumerable<string> lines) => lines.Count(line => !IsDebug().IsMatch(line));

    [GeneratedRegex("^[^ ]+Z dbug: ")]
    private static partial Regex IsDebug();

    // "2026-11-24T09:00:00Z warn: Category[0] text", or what the runtime says when all is lost.
    [GeneratedRegex("^[^ ]+Z (warn|fail|crit): |^Unhandled exception")]
    private static partial Regex IsBad();
}
