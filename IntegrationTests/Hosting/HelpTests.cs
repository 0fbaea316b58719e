using System.Text.RegularExpressions;
using Kaffediem.IntegrationTests.Docs;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Server.Hosting;

namespace Kaffediem.IntegrationTests.Hosting;

/// <summary><c>--help</c> and <c>--version</c> print, but start and create nothing.</summary>
public sealed partial class HelpTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kaffediem-");

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("/?")]
    [InlineData("--urls=http://127.0.0.1:0", "--help")]
    public async Task Help_lists_the_usage_the_commands_and_the_settings(params string[] words)
    {
        var help = await RunAsync(words);

        Assert.StartsWith("Kaffediem ", help, StringComparison.Ordinal);
        Assert.Contains("\nUsage: Kaffediem.Server [--<setting>=<value> ...]\n", help, StringComparison.Ordinal);
        Assert.Contains("\nUsage: Kaffediem.Server user add <e-mail>", help, StringComparison.Ordinal);
        Assert.Contains("\nUsage: Kaffediem.Server backup <file>", help, StringComparison.Ordinal);
        Assert.Contains(
            "--Database:Path (default: data/kaffediem.db; also DATABASE_PATH)\n",
            help,
            StringComparison.Ordinal);
        Assert.All(KnownSettings.All, setting =>
            Assert.Contains($"\n  --{setting.Name} (default: ", help, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("-v")]
    [InlineData("--urls=http://127.0.0.1:0", "--version")]
    public async Task Version_is_one_line(params string[] words) =>
        Assert.Matches("^Kaffediem [0-9]+[.][0-9]+[.][0-9]+( [(][0-9a-f]{7}[)])?\n$", await RunAsync(words));

    [Fact]
    public async Task Log_begins_with_the_version_and_the_environment()
    {
        var version = await RunAsync("--version");

        using var server = await ServerProcess.StartAsync(Path.Combine(_folder.FullName, "shop.db"));

        Assert.EndsWith($"] {version.Trim()} starts in Development", server.Output.First(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_setting_is_described() =>
        Assert.All(KnownSettings.All, setting => Assert.NotEqual("", setting.Description));

    [Fact]
    public void Every_default_is_the_documented_one()
    {
        var documented = SettingPattern.Matches(Repository.Read("docs/settings.md")).ToDictionary(
            row => row.Groups["name"].Value,
            row => row.Groups["default"].Value.Replace("`", "", StringComparison.Ordinal));

        Assert.All(KnownSettings.All.Where(setting => setting.Default.Length > 0), setting =>
        {
            var name = setting.Name switch
            {
                "urls" => "--urls",
                "environment" => "ASPNETCORE_ENVIRONMENT",
                var other => other,
            };
            // "5242880 (5 MB)"
            Assert.StartsWith(setting.Default, documented[name], StringComparison.Ordinal);
        });
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task<string> RunAsync(params string[] words)
    {
        var program = await ServerProgram.RunAsync(_folder.FullName, "", words);

        Assert.Equal((0, ""), (program.ExitCode, program.Error));
        Assert.Empty(_folder.EnumerateFileSystemInfos());
        return program.Output;
    }

    [GeneratedRegex(@"^\| `(?<name>[A-Z-][\w:-]+)` \|[^|\n]*\| (?<default>[^|\n]*) \|", RegexOptions.Multiline)]
    private static partial Regex SettingPattern { get; }
}
