using Kaffediem.IntegrationTests.Shop;

namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>The answers to attackers: how often each status, and how often none.</summary>
internal sealed class Answers
{
    private const int HangUp = 0;

    private readonly Tally _tally = new();

    /// <summary>Counts an answer.</summary>
    /// <param name="status">The status; 0: the server ended the connection.</param>
    public void Add(int status) => _tally.Count(NameOf(status));

    public long Of(int status) => _tally.Of(NameOf(status));

    public override string ToString() =>
        string.Join(", ", $"{_tally}".Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim()));

    private static string NameOf(int status) => status == HangUp ? "times nothing" : $"times {status}";
}
