using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Kaffediem.IntegrationTests.Support;

/// <summary>
/// The built server as a process of its own that goes on until it is killed, at the latest with the test.
/// </summary>
internal sealed class ServerProcess : IDisposable
{
    /// <summary>Runs the program as it is.</summary>
    public const string AsItIs = """exec "$@" """;

    /// <summary>Runs it so that a file that may not grow is an error for it (EFBIG), and not its end.</summary>
    public const string HearingOfLimits = """trap "" XFSZ; exec "$@" """;

    /// <summary>Runs it so that files' rights bind it, even where the tests are root's.</summary>
    public const string BoundByRights =
        """
        [ "$(id -u)" != 0 ] || exec setpriv --bounding-set=-dac_override,-dac_read_search "$@"; exec "$@"
        """;

    private readonly Process _process;
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(Process process) => _process = process;

    public Uri BaseAddress => _address.Task.Result;

    /// <summary>The process's id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has not ended.</summary>
    public bool IsAlive => !_process.HasExited;

    /// <summary>What it has said so far, on either output, unless somebody takes it away.</summary>
    public ConcurrentQueue<string> Output { get; } = [];

    /// <summary>Starts it on a free port, in Development, and waits until it listens.</summary>
    /// <param name="database">The file.</param>
    /// <param name="shell">How; one of the constants.</param>
    /// <param name="settings">Further arguments, such as <c>--urls=…</c> for a port of one's own.</param>
    public static async Task<ServerProcess> StartAsync(string database, string shell = AsItIs, params string[] settings)
    {
        var server = new ServerProcess(Process.Start(Command(
            Path.GetDirectoryName(database)!,
            shell,
            ["--environment=Development", "--urls=http://127.0.0.1:0", $"--Database:Path={database}", .. settings]))!);
        try
        {
            await server.ListenAsync();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Starts it and kills it after some time, wherever it is by then.</summary>
    public static async Task KillStartingAsync(string database, TimeSpan after)
    {
        using var process = Process.Start(Command(
            Path.GetDirectoryName(database)!,
            AsItIs,
            ["--environment=Development", "--urls=http://127.0.0.1:0", $"--Database:Path={database}"]))!;
        await Task.Delay(after);
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>How to start the built program through a shell; the process is the program's own.</summary>
    public static ProcessStartInfo Command(string folder, string shell, string[] arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Kaffediem.Server.dll");
        if (Environment.IsPrivilegedProcess && shell.Contains("setpriv", StringComparison.Ordinal))
        {
            RequireProgram("setpriv");
        }

        return new ProcessStartInfo("sh", ["-c", shell, "sh", "dotnet", program, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // The runtime would reserve files of gigabytes for its code, which a limit on files forbids.
            Environment = { ["DOTNET_EnableWriteXorExecute"] = "0", ["DOTNET_EnableDiagnostics"] = "0" },
        };
    }

    /// <summary>From now on no file may grow beyond this, as on a full disk.</summary>
    /// <param name="bytes"><c>unlimited</c>, or a number.</param>
    public async Task LimitFilesAsync(string bytes)
    {
        RequireProgram("prlimit");
        var id = _process.Id.ToString(CultureInfo.InvariantCulture);
        using var prlimit = Process.Start("prlimit", ["--pid", id, $"--fsize={bytes}:unlimited"]);
        await prlimit.WaitForExitAsync();
        Assert.Equal(0, prlimit.ExitCode);
    }

    /// <summary><c>kill -9</c>: nothing is tidied up.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Sends it a signal.</summary>
    /// <param name="name">Without the <c>SIG</c>.</param>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("sh", ["-c", $"kill -{name} {_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Ends it as a shop's machine does, and waits.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(90));
        return _process.ExitCode;
    }

    public RestClient CreateClient() => new(BaseAddress);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private static void RequireProgram(string name)
    {
        var folders = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator) ?? [];
        Assert.SkipUnless(
            folders.Any(folder => File.Exists(Path.Combine(folder, name))),
            $"{name} is missing: install util-linux to test with disks that fail.");
    }

    private async Task ListenAsync()
    {
        _process.OutputDataReceived += (_, data) => Read(data.Data);
        _process.ErrorDataReceived += (_, data) => Read(data.Data);
        _process.Exited += (_, _) => _address.TrySetException(new InvalidOperationException(string.Join('\n', Output)));
        _process.EnableRaisingEvents = true;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await _address.Task.WaitAsync(TimeSpan.FromSeconds(90));
    }

    private void Read(string? line)
    {
        Output.Enqueue(line ?? "");
        if (line?.Split("Kaffediem listens on ") is [_, var url])
        {
            _address.TrySetResult(new Uri(url));
        }
    }
}
