using System.Globalization;

namespace Kaffediem.Benchmarks.Linux;

/// <summary>The processor time and memory that a process has used so far, as counted by the kernel (proc(5)).</summary>
internal static class ProcessUsage
{
    private const int ClockTicks = 2; // _SC_CLK_TCK

    // Indexes into /proc/PID/stat, counted from the field after the name: utime and stime are fields 14 and 15.
    private const int UserTime = 11;
    private const int SystemTime = 12;

    private static readonly double TicksPerSecond = Libc.SystemConfiguration(ClockTicks);

    /// <summary>Processor time in seconds, with a resolution of 10 ms; 0 without a process.</summary>
    public static double CpuSeconds(int pid)
    {
        if (pid == 0)
        {
            return 0;
        }

        // The name is in brackets and may contain any character.
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (Number(fields[UserTime]) + Number(fields[SystemTime])) / TicksPerSecond;
    }

    /// <summary>Resident memory in KB; 0 without a process.</summary>
    public static long ResidentKB(int pid) => pid == 0 ? 0 : Status(pid, "VmRSS:");

    /// <summary>The highest resident memory so far, in KB; 0 without a process.</summary>
    public static long PeakResidentKB(int pid) => pid == 0 ? 0 : Status(pid, "VmHWM:");

    private static long Status(int pid, string name) =>
        File.ReadLines($"/proc/{pid}/status")
            .Where(line => line.StartsWith(name, StringComparison.Ordinal))
            .Select(line => long.Parse(
                line.AsSpan(name.Length).TrimEnd("kB").Trim(), CultureInfo.InvariantCulture))
            .FirstOrDefault();

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
