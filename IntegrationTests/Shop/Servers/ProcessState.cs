using System.Globalization;

namespace Kaffediem.IntegrationTests.Shop.Servers;

/// <summary>A process's resources at a moment (Linux).</summary>
/// <param name="Held">Its private memory, in bytes: <c>RssAnon</c>.</param>
/// <param name="Resident">Its resident memory, in bytes.</param>
/// <param name="Handles">Open files and connections.</param>
/// <param name="Threads">Its threads.</param>
internal sealed record ProcessState(long Held, long Resident, int Handles, int Threads)
{
    private const double TicksPerSecond = 100; // USER_HZ, the same on every architecture that .NET runs on
    private const int UserTime = 11; // fields of proc(5), counted from the one after the name
    private const int SystemTime = 12;

    /// <summary>The live objects, in bytes; <c>null</c> if no collection was requested.</summary>
    public long? Live { get; init; }

    public static ProcessState Read(int id)
    {
        var status = File.ReadLines($"/proc/{id}/status")
            .Select(line => line.Split([':', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words.Length > 1)
            .ToDictionary(words => words[0], words => words[1]);
        return new ProcessState(
            1024 * Number(status["RssAnon"]),
            1024 * Number(status["VmRSS"]),
            Directory.GetFileSystemEntries($"/proc/{id}/fd").Length,
            (int)Number(status["Threads"]));
    }

    /// <summary>The resident memory in bytes; cheap enough for frequent samples.</summary>
    public static long ReadResident(int id) =>
        Environment.SystemPageSize * Number(File.ReadAllText($"/proc/{id}/statm").Split(' ')[1]);

    /// <summary>The processor time that it has used.</summary>
    public static TimeSpan ProcessorTime(int id)
    {
        var stat = File.ReadAllText($"/proc/{id}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromSeconds((Number(fields[UserTime]) + Number(fields[SystemTime])) / TicksPerSecond);
    }

    /// <summary>How many files and connections this process may have open.</summary>
    public static long MaxHandles()
    {
        var limit = File.ReadLines("/proc/self/limits")
            .Single(line => line.StartsWith("Max open files", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
        return limit == "unlimited" ? long.MaxValue : Number(limit);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
