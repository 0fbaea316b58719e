using System.Diagnostics;
using Kaffediem.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace Kaffediem.IntegrationTests.Rest;

/// <summary>Settings: their defaults, the old back end's names, and what a bad one does.</summary>
public sealed class SettingsTests
{
    [Fact]
    public void The_defaults_need_nothing_set()
    {
        var builder = Build("Production");

        Assert.Equal("http://localhost:4000", builder.WebHost.GetSetting("urls"));
        Assert.Equal("/srv/kaffediem/data/kaffediem.db", builder.Configuration["Database:Path"]);
        Assert.Equal(["http://localhost:5173", "http://127.0.0.1:5173"], Origins(builder));
        Assert.Equal("Protected", builder.Configuration["Auth:Writes"]);
        Assert.Equal("Open", Build("Development").Configuration["Auth:Writes"]);
    }

    [Theory]
    [InlineData("Development", "http://localhost:8080")]
    [InlineData("Production", "http://*:8080")]
    public void The_old_names_work(string environment, string url)
    {
        var builder = Build(
            environment, "--PORT=8080", "--DATABASE_PATH=/var/kaffebase.db", "--PHX_ALLOWED_ORIGINS=https://a.example, https://b.example");

        Assert.Equal(url, builder.WebHost.GetSetting("urls"));
        Assert.Equal("/var/kaffebase.db", builder.Configuration["Database:Path"]);
        Assert.Equal(["https://a.example", "https://b.example"], Origins(builder));
    }

    [Fact]
    public void The_new_names_win_over_the_old()
    {
        var builder = Build(
            "Production",
            "--PORT=8080", "--urls=http://localhost:9090",
            "--DATABASE_PATH=/var/kaffebase.db", "--Database:Path=shop.db",
            "--PHX_ALLOWED_ORIGINS=https://a.example,https://b.example", "--Cors:Origins:0=https://c.example");

        Assert.Equal("http://localhost:9090", builder.WebHost.GetSetting("urls"));
        Assert.Equal("/srv/kaffediem/shop.db", builder.Configuration["Database:Path"]);
        Assert.Equal(["https://c.example"], Origins(builder));
    }

    [Theory]
    [InlineData("--Auth:Writes=Perhaps", "'Perhaps' at 'Auth:Writes'")]
    [InlineData("--Auth:Writes=7", "Writes")]
    [InlineData("--Cors:Origins:0=https://a.example/", "'https://a.example/' is not an origin")]
    [InlineData("--Database:MaxBatch=0", "MaxBatch")]
    [InlineData("--Database:ReadConnections=many", "'many' at 'Database:ReadConnections'")]
    [InlineData("--urls=nonsense", "nonsense")]
    [InlineData("--Database:Path=/proc/none/kaffediem.db", "/proc/none")]
    public async Task A_bad_setting_stops_the_start_with_one_line(string argument, string reason)
    {
        var (exitCode, error) = await RunAsync(argument);

        Assert.Equal(1, exitCode);
        var line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("Kaffediem cannot start: ", line, StringComparison.Ordinal);
        Assert.Contains(reason, line, StringComparison.Ordinal);
    }

    private static WebApplicationBuilder Build(string environment, params string[] arguments)
    {
        var options = new WebApplicationOptions { Args = [.. arguments, "--contentRoot=/"], EnvironmentName = environment };
        var builder = WebApplication.CreateEmptyBuilder(options);
        builder.Configuration.AddCommandLine(arguments);
        builder.Environment.ContentRootPath = "/srv/kaffediem";
        builder.AddDefaults();
        return builder;
    }

    private static string?[] Origins(WebApplicationBuilder builder) =>
        [.. builder.Configuration.GetSection("Cors:Origins").GetChildren().Select(origin => origin.Value)];

    private static async Task<(int ExitCode, string Error)> RunAsync(string argument)
    {
        var directory = Directory.CreateTempSubdirectory("kaffediem-");
        var program = Path.Combine(AppContext.BaseDirectory, "Kaffediem.Server.dll");
        string[] arguments = [program, "--urls=http://127.0.0.1:0", $"--Database:Path={directory}/kaffediem.db", argument];
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = directory.FullName,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.DoesNotContain("   at ", await output, StringComparison.Ordinal);
            return (process.ExitCode, error);
        }
        finally
        {
            process.Kill();
            directory.Delete(recursive: true);
        }
    }
}
