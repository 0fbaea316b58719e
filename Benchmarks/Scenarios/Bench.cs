using System.Text.Json;
using Kaffediem.Benchmarks.Load;
using Kaffediem.Benchmarks.Processes;

namespace Kaffediem.Benchmarks.Scenarios;

/// <summary>
/// Shared by all scenarios: servers, each on a new database file, the load client, and a log of every round.
/// </summary>
/// <param name="serverFolder">The folder of the published Kaffediem.</param>
/// <param name="rounds">The number of rounds that count.</param>
/// <param name="isShort">Whether rough figures are enough.</param>
internal sealed class Bench(string serverFolder, int rounds, bool isShort)
{
    private static readonly TimeSpan LoadTimeout = TimeSpan.FromMinutes(3);

    // The load client must be equally fast from its first frame: optimized at once, without tiers.
    private static readonly Dictionary<string, string?> LoadEnvironment = new() { ["DOTNET_TieredCompilation"] = "0" };

    // Next to the program, not in the temporary folder: that may be in memory, and commits have to reach a disk.
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

    /// <summary>The path of a new database file.</summary>
    public string NewDatabase()
    {
        Guard.Watch(_folder);
        return Path.Combine(
            Directory.CreateDirectory(Path.Combine(_folder, $"{++_databases}")).FullName, "kaffediem.db");
    }

    public Task<MeasuredServer> StartKaffediemAsync() => StartKaffediemAsync(NewDatabase());

    public Task<MeasuredServer> StartKaffediemAsync(string database) =>
        MeasuredServer.StartKaffediemAsync(serverFolder, database);

    /// <summary>Runs the load client against a server.</summary>
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

    /// <summary>Adds a measurement to the log.</summary>
    public void Record(string scenario, string server, object report) => Log.Add(new Round(scenario, server, report));

    /// <summary>Reports which round begins; round 0 is the warm-up.</summary>
    public void ReportRound(string scenario, int round) =>
        Progress($"{scenario}: {(round == 0 ? "warming up" : $"round {round} of {Rounds}")}");

    /// <summary>Reports progress on standard error.</summary>
    public static void Progress(string text) => Console.Error.WriteLine($"{DateTime.Now:HH:mm:ss} {text}");
}

/// <summary>One measurement, as written to the JSON file.</summary>
internal sealed record Round(string Scenario, string Server, object Report);
