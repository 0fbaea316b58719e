using Kaffediem.IntegrationTests.Support;
using Kaffediem.Server.Commands;
using Kaffediem.Server.Hosting;

namespace Kaffediem.IntegrationTests.Hosting;

/// <summary>Misspelled options are refused; misspelled settings elsewhere cause a warning.</summary>
public sealed class MisspelledTests : IDisposable
{
    private readonly FailedStart _start = new();

    [Theory]
    [InlineData("--Database:Paht=x", "The option --Database:Paht is unknown. Did you mean --Database:Path?")]
    [InlineData("--hlep", "The option --hlep is unknown. Did you mean --help?")]
    public async Task Unknown_option_ends_the_program(string option, string expected)
    {
        Assert.Equal(expected, await _start.RunAsync(option));
        _start.AssertNothingWasMade();
    }

    [Theory]
    [InlineData("--Databse:Path", "--Database:Path")]
    [InlineData("--Database:Paht", "--Database:Path")]
    [InlineData("--database__path", "--Database:Path")]
    [InlineData("--Path", "--Database:Path")]
    [InlineData("--url", "--urls")]
    [InlineData("--ports", "--PORT")]
    [InlineData("--enviroment", "--environment")]
    [InlineData("--ASPNETCORE_ENVIRONMENT", "--environment")]
    [InlineData("--Cors:Origin", "--Cors:Origins")]
    [InlineData("--vesion", "--version")]
    [InlineData("-urls", "--urls")]
    [InlineData("/url", "--urls")]
    public void Nearest_option_is_suggested(string option, string meant)
    {
        var refusal = Assert.Throws<StartException>(() => ServerArguments.Check([$"{option}=x"])).Message;

        Assert.Equal($"The option {option} is unknown. Did you mean {meant}?", refusal);
    }

    [Theory]
    [InlineData("--db=x")]
    [InlineData("-x")]
    [InlineData("--Database=x")]
    public void Option_that_resembles_none_refers_to_the_help(string option)
    {
        var refusal = Assert.Throws<StartException>(() => ServerArguments.Check([option])).Message;

        Assert.Equal($"The option {option.Split('=')[0]} is unknown. --help lists all.", refusal);
    }

    [Theory]
    [InlineData("The option --Auth:Writes needs a value.", "--Auth:Writes")]
    [InlineData("The option --Auth:Writes needs a value.", "--Auth:Writes", "--urls=http://localhost:4000")]
    [InlineData("'user' is not an option. A command comes first, see --help.", "--Database:Path=x", "user", "list")]
    public void Option_without_a_value_and_stray_words_are_refused(string expected, params string[] words) =>
        Assert.Equal(expected, Assert.Throws<StartException>(() => ServerArguments.Check(words)).Message);

    [Fact]
    public void Every_setting_and_the_names_of_the_framework_are_accepted()
    {
        string[] framework =
        [
            "urls", "environment", "contentRoot", "applicationName", "http_ports", "https_ports", "AllowedHosts",
            "Logging:LogLevel:Default", "Kestrel:Endpoints:Web:Url", "Cors:Origins:0", "Proxies:1", "PORT",
            "DATABASE_PATH", "PHX_ALLOWED_ORIGINS",
        ];
        var names = KnownSettings.All.Select(setting => setting.Name).Concat(framework);

        ServerArguments.Check(
        [
            .. names.Select(name => $"--{name}=x"),
            .. names.SelectMany(name => new[] { $"--{name.ToUpperInvariant()}", "x" }),
            "/urls=x", "urls=x",
        ]);
    }

    [Theory]
    [InlineData("--Database:Paht is unknown. Did you mean --Database:Path?", "user", "list", "--Database:Paht=foo.db")]
    [InlineData("--nmae is unknown. Did you mean --name?", "user", "add", "x@y.z", "--nmae", "Per")]
    [InlineData("--forse is unknown. Did you mean --force?", "backup", "x.db", "--forse")]
    [InlineData("--Datbase:Path is unknown. Did you mean --Database:Path?", "restore", "x.db", "--Datbase:Path=y.db")]
    [InlineData("There is no command bakcup. Did you mean backup?", "bakcup", "x.db")]
    public async Task Command_with_an_unknown_option_does_nothing(string expected, params string[] words)
    {
        var program = await ServerProgram.RunAsync(Path.GetDirectoryName(_start.PathOf("x"))!, "kaffe1234\n", words);

        Assert.Equal((2, ""), (program.ExitCode, program.Output));
        Assert.Contains(expected, program.Error.Split('\n')[0], StringComparison.Ordinal);
        _start.AssertNothingWasMade();
    }

    [Fact]
    public async Task Start_warns_of_settings_without_effect()
    {
        var file = _start.PathOf("appsettings.json");
        await File.WriteAllTextAsync(
            file,
            """{ "Auth": { "Wrties": "Open" }, "Menus": { "CoalesceMs": 7 }, "Somebody": { "Elses": "own" } }""",
            TestContext.Current.CancellationToken);
        const string Shell =
            """
            export ASPNETCORE_ENVIRONMENT=Develpment ASPNETCORE_URL=x Menu__Paht=x Databse__Path=x PublicUlr=x
            export DATABSE_PATH=x POST=x Databanker__Path=x
            exec "$@"
            """;

        var warnings = await StartAsync(Shell, "--urls=http://localhos:0");

        Assert.Equal(
            [
                "The environment Develpment is unknown and treated as Production. Did you mean Development?",
                "The environment variable ASPNETCORE_URL is unknown and has no effect. Did you mean ASPNETCORE_URLS?",
                $"The setting Auth:Wrties in {file} is unknown and has no effect. Did you mean Auth:Writes?",
                "The setting DATABSE_PATH in the environment is unknown and has no effect. Did you mean DATABASE_PATH?",
                "The setting Databse in the environment is unknown and has no effect. Did you mean Database?",
                "The setting Menu:Paht in the environment is unknown and has no effect. Did you mean Database:Path?",
                $"The setting Menus in {file} is unknown and has no effect. Did you mean Menu?",
                "The setting PublicUlr in the environment is unknown and has no effect. Did you mean PublicUrl?",
                "urls: the host of http://localhos:0 is not an IP address, so the server listens on all interfaces.",
            ],
            warnings.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Start_does_not_warn_of_known_settings()
    {
        await File.WriteAllTextAsync(
            _start.PathOf("appsettings.json"),
            """{ "auth": { "writes": "Open" }, "Cors": { "Origins": ["https://shop.example"] }, "Proxies": ["::1"] }""",
            TestContext.Current.CancellationToken);
        const string Shell =
            """
            export ASPNETCORE_ENVIRONMENT=staging PublicUrl=https://api.shop.example MENU__COALESCEMS=7 DOTNET_NOLOGO=1
            exec "$@"
            """;

        Assert.Empty(await StartAsync(Shell, "--urls=http://127.0.0.1:0"));
    }

    [Fact]
    public async Task Command_warns_too_and_continues()
    {
        var program = await ServerProgram.RunInShellAsync(
            Path.GetDirectoryName(_start.PathOf("x"))!,
            "export Database__Paht=x; exec \"$@\"",
            "kaffe1234\n",
            "user", "add", "anna@shop.no", $"--Database:Path={_start.PathOf("shop.db")}");

        Assert.Equal(0, program.ExitCode);
        var warning = Assert.Single(program.Error.TrimEnd().Split('\n'));
        Assert.StartsWith("Warning: The setting Database:Paht in the environment ", warning, StringComparison.Ordinal);
    }

    public void Dispose() => _start.Dispose();

    // ServerProcess.StartAsync does not serve here: it starts every server in Development.
    private async Task<string[]> StartAsync(string shell, string urls)
    {
        using var process = System.Diagnostics.Process.Start(ServerProcess.Command(
            Path.GetDirectoryName(_start.PathOf("x"))!, shell, [urls, $"--Database:Path={_start.PathOf("shop.db")}"]))!;
        var warnings = new List<string>();
        try
        {
            while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line
                && !line.Contains("Signing in:", StringComparison.Ordinal))
            {
                if (line.Split(" warn: ") is [_, var warning])
                {
                    warnings.Add(warning[(warning.IndexOf(']', StringComparison.Ordinal) + 2)..]);
                }
            }
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        return [.. warnings];
    }
}
