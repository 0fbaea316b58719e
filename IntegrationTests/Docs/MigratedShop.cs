using System.Diagnostics;

namespace Kaffediem.IntegrationTests.Docs;

/// <summary>
/// A machine on which an operator follows the guide: a folder stands for its root, the server built for the tests for
/// the published one, a free port for 4000. Commands that need root are skipped, and those of systemd are imitated.
/// </summary>
internal sealed class MigratedShop : IDisposable
{
    private static readonly string[] OnlyRoots =
    [
        "useradd", "chown", "systemctl daemon-reload", "systemctl stop kaffebase", "systemctl start kaffebase",
    ];

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("kaffediem-");
    private readonly Blanks _blanks = new();
    private UnitFile? _unit;
    private Process? _server;

    public MigratedShop()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(KaffebasePath)!);
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Data", "kaffebase.db"), KaffebasePath);
    }

    /// <summary>The address on which the server listens.</summary>
    public Uri? Address { get; private set; }

    public string KaffebasePath => Here("/var/lib/kaffebase/kaffebase.db");

    /// <summary>Follows a step of the guide.</summary>
    public async Task FollowAsync(DocExample step)
    {
        switch (step.Language)
        {
            case "ini":
                _unit = UnitFile.Parse(step.Lines);
                break;
            case "nginx" or "haproxy":
                break; // run by ReverseProxyTests
            case "sh":
                foreach (var command in ShellCommand.ReadAll(step.Lines))
                {
                    var output = await RunAsync(command.Text);
                    Compare(step, command, output);
                }

                break;
            default:
                step.Fail(0, $"no code follows \"{step.Language}\"");
                break;
        }
    }

    public void Dispose()
    {
        if (_server is { HasExited: false })
        {
            _server.Kill();
            _server.WaitForExit();
        }

        _server?.Dispose();
        _root.Delete(recursive: true);
    }

    private string Here(string text) => text
        .Replace("/opt/", $"{_root}/opt/", StringComparison.Ordinal)
        .Replace("/var/", $"{_root}/var/", StringComparison.Ordinal)
        .Replace(
            DocRun.DocumentedAddress,
            Address?.ToString().TrimEnd('/') ?? DocRun.DocumentedAddress,
            StringComparison.Ordinal);

    private void Compare(DocExample step, ShellCommand command, string output)
    {
        var expected = command.Output;
        var isAsExpected = expected.Length == 0
            || (expected.StartsWith('{')
                ? _blanks.FindDifference(expected, output) is null
                : _blanks.Fits(expected, output));
        if (!isAsExpected)
        {
            step.Fail(command.Index, $"expected {expected}, got {output}");
        }
    }

    private async Task<string> RunAsync(string command)
    {
        if (OnlyRoots.Any(name => command.StartsWith(name, StringComparison.Ordinal)))
        {
            return "";
        }

        switch (command)
        {
            case "dotnet publish Server -c Release -o /opt/kaffediem":
                Directory.CreateDirectory(Here("/opt/"));
                Directory.CreateSymbolicLink(Here("/opt/kaffediem"), AppContext.BaseDirectory.TrimEnd('/'));
                return "";
            case "systemctl enable --now kaffediem":
                (_server, Address) = await _unit!.StartAsync(Here);
                return "";
            case "systemctl disable --now kaffediem":
                await StopAsync();
                return "";
        }

        var text = Here(command.Replace("sudo -u kaffediem ", "", StringComparison.Ordinal));
        return CurlCommand.Read(text) is { } curl ? await curl.RunAsync(_root.FullName) : await ShellAsync(text);
    }

    private async Task StopAsync()
    {
        await ShellAsync($"kill -TERM {_server!.Id}");
        await _server.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(90));
        Assert.Equal(0, _server.ExitCode);
    }

    private async Task<string> ShellAsync(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", command])
        {
            WorkingDirectory = _root.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = shell.StandardError.ReadToEndAsync();
        var output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        Assert.True(shell.ExitCode == 0, $"{command}: {shell.ExitCode} {output} {await error}");
        return output.Trim();
    }
}
