using System.Text.RegularExpressions;

namespace Kaffediem.Benchmarks.Processes;

/// <summary>A server under measurement.</summary>
/// <param name="Name">Its name in the tables.</param>
/// <param name="Dialect">The dialect that the load client speaks to it.</param>
/// <param name="Process">Its process.</param>
/// <param name="Url">The address that it listens on.</param>
internal sealed partial record MeasuredServer(
    string Name, string Dialect, ChildProcess Process, string Url) : IDisposable
{
    public const string Kaffediem = "Kaffediem";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Starts one of the peers of <see cref="Peers.PeerServer"/>.</summary>
    public static async Task<MeasuredServer> StartPeerAsync(string kind)
    {
        var process = ChildProcess.Start(ChildProcess.OwnPath, "peer", kind);
        var dialect = kind is "signalr" or "echo" ? kind : "phoenix";
        return new MeasuredServer(kind, dialect, process, await ReadUrlAsync(process));
    }

    /// <summary>Starts Kaffediem on a database, which it creates if missing.</summary>
    /// <param name="folder">The folder of the built or published server.</param>
    /// <param name="database">The database file.</param>
    public static async Task<MeasuredServer> StartKaffediemAsync(string folder, string database)
    {
        var process = ChildProcess.Start(
            Path.Combine(folder, "Kaffediem.Server"),
            "--urls=http://127.0.0.1:0",
            $"--Database:Path={database}",
            "--Auth:Writes=Open",
            "--Database:FullSync=true");
        return new MeasuredServer(Kaffediem, "phoenix", process, await ReadUrlAsync(process));
    }

    public void Dispose() => Process.Dispose();

    private static async Task<string> ReadUrlAsync(ChildProcess process)
    {
        while (true)
        {
            var line = await process.ReadLineAsync(StartTimeout);
            if (Address().Match(line) is { Success: true } address)
            {
                process.IgnoreOutput();
                return address.Value;
            }
        }
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Address();
}
