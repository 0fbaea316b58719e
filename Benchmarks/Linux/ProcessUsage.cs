using System.Globalization;

namespace Kaffediem.Benchmarks.Linux;

/// <summary>What a process has used so far, as the kernel counts it (proc(5)).</summary>
internal static class ProcessUsage
{
    private const int ClockTicks = 2; // _SC_CLK_TCK

    // Of /proc/PID/stat, counted from the field after the name: utime and stime are the 14th and 15th of all.
    private const int UserTime = 11;
    private const int SystemTime = 12;

    private static readonly double TicksPerSecond = Libc.SystemConfiguration(ClockTicks);

    /// <summary>Processor time in seconds, to 10 ms; 0 for no process.</summary>
    public static double CpuSeconds(int pid)
    {
        if (pid == 0)
        {
            return 0;
        }

        // The name stands in brackets and may contain anything.
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (Number(fields[UserTime]) + Number(fields[SystemTime])) / TicksPerSecond;
    }

    /// <summary>Resident memory in KB; 0 for no process.</summary>
    public static long ResidentKB(int pid) => pid == 0 ? 0 : Status(pid, "VmRSS:");

    /// <summary>The most there has ever been of it.</summary>
    public static long PeakResidentKB(int pid) => pid == 0 ? 0 : Status(pid, "VmHWM:");

    private static long Status(int pid, string name) =>
        File.ReadLines($"/proc/{pid}/status")
            .Where(line => line.StartsWith(name, StringComparison.Ordinal))
            .Select(line => long.Parse(
                line.AsSpan(name.Length).TrimEnd("kB").Trim(), CultureInfo.InvariantCulture))
            .FirstOrDefault();

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
