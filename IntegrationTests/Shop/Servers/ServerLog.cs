using System.Collections.Concurrent;

namespace Kaffediem.IntegrationTests.Shop.Servers;

/// <summary>
/// A server's output over hours, read in parts and dropped: keeps unexpected warnings, lines that contain secrets, and
/// lines with control characters.
/// </summary>
/// <param name="output">The server's output.</param>
/// <param name="expected">Further expected warnings, in this run.</param>
internal sealed class ServerLog(ConcurrentQueue<string> output, params string[] expected)
{
    private const int MostKept = 20;

    /// <summary>Expected warnings, with the reason.</summary>
    public static readonly IReadOnlyDictionary<string, string> Expected = new Dictionary<string, string>
    {
        ["the heartbeat has been running for"] = "Kestrel: a busy machine keeps it waiting; no promise is about that",
    };

    // The console's format: "2026-11-24T10:00:00Z warn: category[0] text", an exception on the same line.
    private static readonly string[] Harmless = ["info", "dbug", "trce"];
    private static readonly string[] Serious = ["warn", "fail", "crit"];

    private readonly ConcurrentDictionary<string, bool> _secrets = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];

    /// <summary>The first faults.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>How many lines.</summary>
    public int Lines { get; private set; }

    /// <summary>How many lines at Information or above.</summary>
    public int LinesForAll { get; private set; }

    /// <summary>How many expected warnings.</summary>
    public int ExpectedWarnings { get; private set; }

    /// <summary>The level of a log line, for example <c>warn</c>; empty for other lines.</summary>
    public static string LevelOf(string line) => line.Split(' ', 3) is [_, var word, _] ? word.TrimEnd(':') : "";

    /// <summary>A name, password or token that must never be logged.</summary>
    public void Conceal(string secret) => _secrets.TryAdd(secret, true);

    /// <summary>Checks the lines since the last call.</summary>
    public void Read()
    {
        while (output.TryDequeue(out var line))
        {
            if (line.Length > 0)
            {
                Lines++;
                Judge(line);
            }
        }
    }

    private void Judge(string line)
    {
        if (_secrets.Keys.FirstOrDefault(secret => line.Contains(secret, StringComparison.Ordinal)) is { } said)
        {
            Add($"\"{said}\" is logged: {line}");
        }

        if (line.Any(char.IsControl))
        {
            Add(line);
        }

        var level = LevelOf(line);
        LinesForAll += level is "dbug" or "trce" ? 0 : 1;
        if (Serious.Contains(level)
            && Expected.Keys.Concat(expected).Any(text => line.Contains(text, StringComparison.Ordinal)))
        {
            ExpectedWarnings++;
        }
        else if (!Harmless.Contains(level))
        {
            Add(line); // also lines of no logger, for example an unhandled exception
        }
    }

    private void Add(string fault)
    {
        if (_faults.Count < MostKept)
        {
            _faults.Add(fault);
        }
    }
}
