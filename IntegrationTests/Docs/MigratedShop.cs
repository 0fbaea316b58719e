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
    private IReadOnlyList<string> _unit = [];
    private ServerProcess? _server;

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
                _unit = step.Lines;
                break;
            case "nginx" or "haproxy":
                break; // run by ReverseProxyTests
            case "sh":
                foreach (var command in ShellCommand.ReadAll(step.Lines))
                {
                    command.Compare(step, _blanks, await RunAsync(command.Text));
                }

                break;
            default:
                step.Fail(0, $"no code follows \"{step.Language}\"");
                break;
        }
    }

    public void Dispose()
    {
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
                _server = await UnitFile.StartAsync(_unit, Here);
                Address = new Uri($"http://127.0.0.1:{_server.BaseAddress.Port}");
                return "";
            case "systemctl disable --now kaffediem":
                Assert.Equal(0, await _server!.StopAsync());
                return "";
        }

        var text = Here(command.Replace("sudo -u kaffediem ", "", StringComparison.Ordinal));
        return await ShellCommand.RunAsync(text, _root.FullName);
    }
}
