using System.Reflection;

namespace Kaffediem.Server.Hosting;

/// <summary>The version of this server.</summary>
internal static class ProgramVersion
{
    /// <summary>The version and, where the build knows it, the commit: <c>0.9.0 (1a2b3c4)</c>.</summary>
    // The SDK gives every assembly this attribute.
    public static string Text { get; } = Describe(typeof(ProgramVersion).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion);

    // The SDK appends the commit: "0.9.0+1a2b3c4…".
    private static string Describe(string version) =>
        version.Split('+') is [var number, { Length: > 7 } commit] ? $"{number} ({commit[..7]})" : version;
}
