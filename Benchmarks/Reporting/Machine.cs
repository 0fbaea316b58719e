using System.Runtime.InteropServices;

namespace Kaffediem.Benchmarks.Reporting;

/// <summary>The machine and software that the figures were measured on.</summary>
internal static class Machine
{
    public static string Describe() =>
        $"{Environment.ProcessorCount} × {ProcessorName()}, {RuntimeInformation.OSDescription}, "
            + $"{RuntimeInformation.FrameworkDescription}";

    private static string ProcessorName() =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            ?.Split(": ")[1] ?? RuntimeInformation.ProcessArchitecture.ToString();
}
