using System.Diagnostics;

namespace Kaffediem.IntegrationTests.Docs;

/// <summary>The settings of a systemd unit that determine how its service runs.</summary>
/// <param name="Program">The program.</param>
/// <param name="Folder">Its working directory.</param>
/// <param name="Environment">Its environment variables.</param>
internal sealed record UnitFile(string Program, string Folder, IReadOnlyDictionary<string, string> Environment)
{
    public static UnitFile Parse(IReadOnlyList<string> lines)
    {
        var values = lines.Where(line => line.Contains('=')).Select(line => line.Split('=', 2))
            .ToLookup(parts => parts[0], parts => parts[1]);
        var environment = values["Environment"].Select(setting => setting.Split('=', 2))
            .ToDictionary(parts => parts[0], parts => parts[1]);
        return new UnitFile(values["ExecStart"].Single(), values["WorkingDirectory"].Single(), environment);
    }

    /// <summary>Starts the service on a free port instead of its own.</summary>
    public async Task<(Process Server, Uri Address)> StartAsync(Func<string, string> here)
    {
        var start = new ProcessStartInfo(here(Program))
        {
            WorkingDirectory = here(Folder),
            RedirectStandardOutput = true,
        };
        start.Environment.Remove("ASPNETCORE_ENVIRONMENT"); // systemd's services inherit no environment

        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = here(value);
        }

        Assert.Equal("4000", start.Environment["PORT"]);
        start.Environment["PORT"] = "0";
        var server = Process.Start(start)!;
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.OutputDataReceived += (_, data) =>
        {
            if (data.Data?.Split("Kaffediem listens on ") is [_, var url])
            {
                address.TrySetResult(new Uri($"http://127.0.0.1:{url.Split(':')[^1]}"));
            }
        };
        server.BeginOutputReadLine();
        return (server, await address.Task.WaitAsync(TimeSpan.FromSeconds(90)));
    }
}
