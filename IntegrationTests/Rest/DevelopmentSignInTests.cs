using System.Net;
using Kaffediem.IntegrationTests.Support;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Rest;

/// <summary>In Development a browser on the same machine is signed in without being asked.</summary>
public sealed class DevelopmentSignInTests
{
    private const string Session = "/api/session";

    [Fact]
    public async Task A_browser_on_this_machine_is_the_first_administrator()
    {
        await using var server = KaffediemServer.Start();
        using var client = server.CreateClient();

        var first = await client.GetAsync(Session);
        var second = await client.GetAsync(Session);

        first.Is(200, """{"data":{"id":1,"is_admin":true,"name":"Kaffediem"}}""");
        second.Is(200, first.Text);
        Assert.NotNull(first.Header("Set-Cookie"));
        Assert.Null(second.Header("Set-Cookie"));
    }

    [Fact]
    public async Task A_browser_elsewhere_is_not()
    {
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            ConfigureServices = services => services.AddSingleton<IStartupFilter>(
                new Pretend(context => context.Connection.RemoteIpAddress = IPAddress.Parse("192.168.1.20"))),
        });
        using var client = server.CreateClient();

        (await client.GetAsync(Session)).Is(204);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "192.168.1.20")]
    [InlineData("Forwarded", "for=192.168.1.20")]
    public async Task A_browser_behind_a_proxy_on_this_machine_is_not(string header, string value)
    {
        await using var server = KaffediemServer.Start();
        using var client = server.CreateClient();
        client.Headers.Add(header, value);

        (await client.GetAsync(Session)).Is(204);
    }

    [Fact]
    public async Task Outside_development_nobody_is()
    {
        await using var server = KaffediemServer.Start(new ServerSetup { Environment = "Staging" });
        using var client = server.CreateClient();

        (await client.GetAsync(Session)).Is(204);
    }

    [Fact]
    public async Task Without_an_administrator_nobody_is()
    {
        await using var production = KaffediemServer.Start(new ServerSetup { Environment = "Production", IsFirstRun = true });
        await production.StopAsync();
        await using var server = KaffediemServer.Start(new ServerSetup { DatabasePath = production.DatabasePath });
        using var client = server.CreateClient();

        (await client.GetAsync(Session)).Is(204);
    }
}
