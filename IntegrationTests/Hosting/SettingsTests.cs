using Kaffediem.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace Kaffediem.IntegrationTests.Hosting;

/// <summary>Settings: their defaults and Kaffebase's names for them.</summary>
public sealed class SettingsTests
{
    [Fact]
    public void Defaults_apply_when_nothing_is_set()
    {
        var builder = Build("Production");

        Assert.Equal("http://localhost:4000", builder.WebHost.GetSetting("urls"));
        Assert.Equal("/srv/kaffediem/data/kaffediem.db", builder.Configuration["Database:Path"]);
        Assert.Empty(Origins(builder));
        Assert.Equal(["http://localhost:5173", "http://127.0.0.1:5173"], Origins(Build("Development")));
        Assert.Equal("Protected", builder.Configuration["Auth:Writes"]);
        Assert.Equal("Open", Build("Development").Configuration["Auth:Writes"]);
    }

    [Theory]
    [InlineData("Development", "http://localhost:8080")]
    [InlineData("Production", "http://*:8080")]
    public void Kaffebases_names_are_accepted(string environment, string url)
    {
        var builder = Build(
            environment,
            "--PORT=8080",
            "--DATABASE_PATH=/var/kaffebase.db",
            "--PHX_ALLOWED_ORIGINS=https://a.example, https://b.example");

        Assert.Equal(url, builder.WebHost.GetSetting("urls"));
        Assert.Equal("/var/kaffebase.db", builder.Configuration["Database:Path"]);
        Assert.Equal(["https://a.example", "https://b.example"], Origins(builder));
    }

    [Fact]
    public void New_names_win_over_Kaffebases()
    {
        var builder = Build(
            "Production",
            "--PORT=8080",
            "--urls=http://localhost:9090",
            "--DATABASE_PATH=/var/kaffebase.db",
            "--Database:Path=shop.db",
            "--PHX_ALLOWED_ORIGINS=https://a.example,https://b.example",
            "--Cors:Origins:0=https://c.example");

        Assert.Equal("http://localhost:9090", builder.WebHost.GetSetting("urls"));
        Assert.Equal("/srv/kaffediem/shop.db", builder.Configuration["Database:Path"]);
        Assert.Equal(["https://c.example"], Origins(builder));
    }

    [Fact]
    public void Settings_file_beside_the_program_is_read_in_any_working_folder_and_counts_least()
    {
        Assert.Equal("Warning", Build("Production").Configuration["Logging:LogLevel:Microsoft.AspNetCore"]);
        Assert.Equal(
            "Debug",
            Build("Production", "--Logging:LogLevel:Microsoft.AspNetCore=Debug")
                .Configuration["Logging:LogLevel:Microsoft.AspNetCore"]);
    }

    private static WebApplicationBuilder Build(string environment, params string[] arguments)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Configuration.AddCommandLine(arguments);
        builder.Environment.ContentRootPath = "/srv/kaffediem";
        builder.AddDefaults();
        return builder;
    }

    private static string?[] Origins(WebApplicationBuilder builder) =>
        [.. builder.Configuration.GetSection("Cors:Origins").GetChildren().Select(origin => origin.Value)];
}
