namespace Kaffediem.Benchmarks;

/// <summary>The options of the command line.</summary>
internal sealed record RunOptions
{
    public const string Help =
        """
        Measures Kaffediem against SignalR and bare Kestrel, prints one table and writes a JSON file. Linux only.

          dotnet run -c Release --project Benchmarks [-- OPTIONS]

          --only NAME,...   measures only these scenarios
          --rounds N        rounds per scenario; the table shows the median (default 5)
          --short           only fan-out against the bare "flush" broadcaster; fails below half of the target
          --server DIR      a published Kaffediem.Server (default: the one that this build published)
          --out FILE        the JSON file to write (default: benchmark-results.json)
        """;

    public string[] Only { get; init; } = [];

    public int Rounds { get; init; } = 5;

    public bool IsShort { get; init; }

    public string Server { get; init; } = Path.Combine(AppContext.BaseDirectory, "server");

    public string Out { get; init; } = "benchmark-results.json";

    /// <exception cref="ArgumentException">An argument is unknown or malformed.</exception>
    public static RunOptions Parse(ReadOnlySpan<string> arguments)
    {
        var options = new RunOptions();
        while (!arguments.IsEmpty)
        {
            (options, var taken) = arguments switch
            {
                ["--short", ..] => (options with { IsShort = true, Rounds = 3 }, 1),
                ["--only", var names, ..] => (options with { Only = names.Split(',') }, 2),
                ["--rounds", var text, ..] when int.TryParse(text, out var rounds) && rounds > 0 =>
                    (options with { Rounds = rounds }, 2),
                ["--server", var folder, ..] => (options with { Server = Path.GetFullPath(folder) }, 2),
                ["--out", var file, ..] => (options with { Out = file }, 2),
                _ => throw new ArgumentException($"\"{arguments[0]}\" is not a valid option; see --help."),
            };
            arguments = arguments[taken..];
        }

        return options;
    }
}
