using System.Diagnostics;

namespace Kaffediem.IntegrationTests.Docs;

/// <summary>The settings of a systemd unit that determine how its service runs.</summary>
internal static class UnitFile
{
    /// <summary>Starts the service on a free port instead of its own.</summary>
    public static Task<ServerProcess> StartAsync(IReadOnlyList<string> lines, Func<string, string> here)
    {
        var values = lines.Where(line => line.Contains('=')).Select(line => line.Split('=', 2))
            .ToLookup(parts => parts[0], parts => here(parts[1]));
        var start = new ProcessStartInfo(values["ExecStart"].Single())
        {
            WorkingDirectory = values["WorkingDirectory"].Single(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("ASPNETCORE_ENVIRONMENT"); // systemd's services inherit no environment
        foreach (var setting in values["Environment"].Select(setting => setting.Split('=', 2)))
        {
            start.Environment[setting[0]] = setting[1];
        }

        Assert.Equal("4000", start.Environment["PORT"]);
        start.Environment["PORT"] = "0";
        return ServerProcess.StartAsync(start);
    }
}
