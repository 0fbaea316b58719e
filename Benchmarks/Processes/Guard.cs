using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Kaffediem.Benchmarks.Processes;

/// <summary>
/// A process that briefly outlives the program. The program sends it the name of every process and folder. When its
/// input ends, because the program ended for any reason (Ctrl-C, a failure, kill -9), it kills the processes and
/// deletes the folders that are left.
/// </summary>
internal static class Guard
{
    private static readonly Lazy<StreamWriter> Input = new(Start);

    /// <summary>Makes a process end with the program.</summary>
    public static void Watch(int processId) => Send(processId.ToString(CultureInfo.InvariantCulture));

    /// <summary>Makes a folder disappear with the program, after its processes have ended.</summary>
    public static void Watch(string folder) => Send(folder);

    /// <summary>Runs in the guard's role.</summary>
    public static int Run()
    {
        // Ctrl-C and timeout(1) signal the whole process group, but the guard still has to clean up.
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

    private static void Send(string name)
    {
        Input.Value.WriteLine(name);
        Input.Value.Flush();
    }

    private static StreamWriter Start() =>
        Process.Start(
            new ProcessStartInfo(ChildProcess.OwnPath, ["guard"]) { RedirectStandardInput = true })!.StandardInput;

    // Most have ended long ago, and their ids may have been reused: only processes of this program count.
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
