using System.Text.Json;
using Kaffediem.Benchmarks.Load;
using Kaffediem.Benchmarks.Processes;

namespace Kaffediem.Benchmarks.Scenarios;

/// <summary>
/// What all scenarios need: servers on files of their own, the load client, and a record of every round.
/// </summary>
/// <param name="serverFolder">Where the built Kaffediem is.</param>
/// <param name="rounds">How often everything is measured.</param>
/// <param name="isShort">Whether a rough figure will do.</param>
internal sealed class Bench(string serverFolder, int rounds, bool isShort)
{
    private static readonly TimeSpan LoadTimeout = TimeSpan.FromMinutes(3);

    // The load client is to be as fast from its first frame on: compiled at once, for good.
    private static readonly Dictionary<string, string?> LoadEnvironment = new() { ["DOTNET_TieredCompilation"] = "0" };

    // Beside the program rather than in the temporary folder, which may be in memory: commits are to reach a disk.
    private readonly string _folder = Directory.CreateDirectory(
        Path.Combine(
            AppContext.BaseDirectory,
            "runs",
            Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture)))
        .FullName;

    private int _databases;

    public int Rounds => rounds;

    public bool IsShort => isShort;

    /// <summary>Every single measurement, for the JSON file.</summary>
    public List<Round> Log { get; } = [];

    /// <summary>A file for a new database.</summary>
    public string NewDatabase()
    {
        Guard.Watch(_folder);
        return Path.Combine(
            Directory.CreateDirectory(Path.Combine(_folder, $"{++_databases}")).FullName, "kaffediem.db");
    }

    public Task<MeasuredServer> StartKaffediemAsync() => StartKaffediemAsync(NewDatabase());

    public Task<MeasuredServer> StartKaffediemAsync(string database) =>
        MeasuredServer.StartKaffediemAsync(serverFolder, database);

    /// <summary>Has the load client do something with a server.</summary>
    public async Task<LoadReport> LoadAsync(string scenario, MeasuredServer server, params IEnumerable<string> plan)
    {
        string[] arguments =
        [
            "load", $"--Url={server.Url}", $"--Pid={server.Process.Id}", $"--Dialect={server.Dialect}", .. plan,
        ];
        using var load = ChildProcess.Start(ChildProcess.OwnPath, LoadEnvironment, arguments);
        var line = await load.ReadLineAsync(LoadTimeout);
        var report = JsonSerializer.Deserialize<LoadReport>(line, LoadReport.Json)!;
        Record(scenario, server.Name, report);
        if (report.Joining.Failure is { } failure)
        {
            Progress($"{server.Name}: {report.Joining.Joined} of {report.Joining.Subscribers} joined; {failure}");
        }

        return report;
    }

    /// <summary>Keeps a measurement.</summary>
    public void Record(string scenario, string server, object report) => Log.Add(new Round(scenario, server, report));

    /// <summary>Tells whoever waits which round begins; the one before the first, 0, is for warming up.</summary>
    public void TellRound(string scenario, int round) =>
        Progress($"{scenario}: {(round == 0 ? "warming up" : $"round {round} of {Rounds}")}");

    /// <summary>Tells whoever waits.</summary>
    public static void Progress(string text) => Console.Error.WriteLine($"{DateTime.Now:HH:mm:ss} {text}");
}

/// <summary>One measurement, as it stands in the JSON file.</summary>
internal sealed record Round(string Scenario, string Server, object Report);
