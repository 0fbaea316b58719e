using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Kaffediem.Benchmarks.Processes;

/// <summary>
/// A process that outlives the program by a moment. The program names every process and folder to it. When its input
/// ends, because the program has ended in whatever way (Ctrl-C, a failure, kill -9), it kills and deletes those that
/// are left.
/// </summary>
internal static class Guard
{
    private static readonly Lazy<StreamWriter> Input = new(Start);

    /// <summary>Has a process ended with the program.</summary>
    public static void Watch(int processId) => Tell(processId.ToString(CultureInfo.InvariantCulture));

    /// <summary>Has a folder deleted after that.</summary>
    public static void Watch(string folder) => Tell(folder);

    /// <summary>The guard's own role.</summary>
    public static int Run()
    {
        // Ctrl-C and timeout(1) mean the whole group; the guard has work to do then.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => signal.Cancel = true);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => signal.Cancel = true);
        var watched = new List<string>();
        while (Console.ReadLine() is { } line)
        {
            watched.Add(line);
        }

        foreach (var name in watched)
        {
            if (int.TryParse(name, CultureInfo.InvariantCulture, out var processId))
            {
                End(processId);
            }
        }

        foreach (var folder in watched.Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    private static void Tell(string name)
    {
        Input.Value.WriteLine(name);
        Input.Value.Flush();
    }

    private static StreamWriter Start() =>
        Process.Start(
            new ProcessStartInfo(ChildProcess.OwnPath, ["guard"]) { RedirectStandardInput = true })!.StandardInput;

    // Most have ended long ago, and a number may have become another's: only what was started from these files counts.
    private static void End(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            if (process.ProcessName.StartsWith("Kaffediem", StringComparison.Ordinal))
            {
                process.Kill();
            }
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It has ended.
        }
    }
}
