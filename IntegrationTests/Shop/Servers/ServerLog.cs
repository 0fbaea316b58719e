using System.Collections.Concurrent;

namespace Kaffediem.IntegrationTests.Shop.Servers;

/// <summary>
/// What a server says over hours, looked through as it comes and then forgotten: a warning that is not expected is
/// kept, and so is a line with something in it that is nobody's business, or that a terminal would take for a command.
/// </summary>
/// <param name="output">What it says.</param>
/// <param name="expected">What may be warned of besides, in this run.</param>
internal sealed class ServerLog(ConcurrentQueue<string> output, params string[] expected)
{
    private const int MostKept = 20;

    /// <summary>What may be warned of, and why.</summary>
    public static readonly IReadOnlyDictionary<string, string> Expected = new Dictionary<string, string>
    {
        ["the heartbeat has been running for"] = "Kestrel: a busy machine keeps it waiting; no promise is about that",
    };

    // The console's: "2026-11-24T10:00:00Z warn: category[0] text", an exception on the same line.
    private static readonly string[] Harmless = ["info", "dbug", "trce"];
    private static readonly string[] Serious = ["warn", "fail", "crit"];

    private readonly ConcurrentDictionary<string, bool> _secrets = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];

    /// <summary>What must not be: the first ones.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>How many lines there were.</summary>
    public int Lines { get; private set; }

    /// <summary>How many of them it says to everyone: from Information on.</summary>
    public int LinesForAll { get; private set; }

    /// <summary>How many expected warnings.</summary>
    public int ExpectedWarnings { get; private set; }

    /// <summary>What a line of the log is, such as <c>warn</c>; empty for one that is of no logger.</summary>
    public static string LevelOf(string line) => line.Split(' ', 3) is [_, var word, _] ? word.TrimEnd(':') : "";

    /// <summary>A name, a password, a token: it must never be said.</summary>
    public void Conceal(string secret) => _secrets.TryAdd(secret, true);

    /// <summary>Looks through what has come since the last time.</summary>
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
            Add($"\"{said}\" is said: {line}");
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
            Add(line); // also what is of no logger, such as an unhandled exception
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
