using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Kaffediem.IntegrationTests.Support.Servers;

/// <summary>The built server as a process. It runs until it is killed, at the end of the test at the latest.</summary>
internal sealed class ServerProcess : IDisposable
{
    /// <summary>Runs the program as it is.</summary>
    public const string AsItIs = """exec "$@" """;

    /// <summary>Runs it so that exceeding a file limit is an error (EFBIG) and does not end the process.</summary>
    public const string HearingOfLimits = """trap "" XFSZ; exec "$@" """;

    /// <summary>Runs it so that file permissions apply even if the tests run as root.</summary>
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

    /// <summary>Whether it is still running.</summary>
    public bool IsAlive => !_process.HasExited;

    /// <summary>Its output so far, on both streams, unless the test dequeues it.</summary>
    public ConcurrentQueue<string> Output { get; } = [];

    /// <summary>Starts it on a free port, in Development, and waits until it listens.</summary>
    /// <param name="database">The file.</param>
    /// <param name="shell">One of the constants.</param>
    /// <param name="settings">Further arguments, for example <c>--urls=…</c> for a fixed port.</param>
    public static Task<ServerProcess> StartAsync(string database, string shell = AsItIs, params string[] settings) =>
        StartAsync(ServeCommand(database, shell, settings));

    /// <summary>Starts a server that redirects its output, and waits until it listens.</summary>
    public static async Task<ServerProcess> StartAsync(ProcessStartInfo command)
    {
        var server = new ServerProcess(Process.Start(command)!);
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

    /// <summary>Starts it and kills it after some time, however far it is.</summary>
    public static async Task KillStartingAsync(string database, TimeSpan after)
    {
        using var process = Process.Start(ServeCommand(database, AsItIs, []))!;
        await Task.Delay(after);
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Starts the built program through a shell; the process becomes the program.</summary>
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
            // The runtime would reserve gigabytes of files for its code, which a file limit forbids.
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

    /// <summary><c>kill -9</c>: no clean-up.</summary>
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

    /// <summary>Stops it with SIGTERM, as an operator's machine does, and waits.</summary>
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

    private static ProcessStartInfo ServeCommand(string database, string shell, string[] settings) => Command(
        Path.GetDirectoryName(database)!,
        shell,
        ["--environment=Development", "--urls=http://127.0.0.1:0", $"--Database:Path={database}", .. settings]);

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
