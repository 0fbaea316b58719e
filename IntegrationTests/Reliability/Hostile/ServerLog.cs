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
            .Where(line => (IsBad().IsMatch(line) && !Expected.Any(it => line.Contains(it, StringComparison.Ordinal)))
                || secrets.Any(it => line.Contains(it, StringComparison.Ordinal)))
            .Select(line => $"The log has: {line}"),
    ];

    // "2026-11-24T09:00:00Z warn: Category[0] text", or what the runtime says when all is lost.
    [GeneratedRegex("^[^ ]+Z (warn|fail|crit): |^Unhandled exception")]
    private static partial Regex IsBad();
}
