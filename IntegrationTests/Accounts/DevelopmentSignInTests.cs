using System.Net;
using Kaffediem.IntegrationTests.Support;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Accounts;

/// <summary>In Development a browser on the same machine is signed in automatically.</summary>
public sealed class DevelopmentSignInTests
{
    private const string Session = "/api/session";
    private const string Status = "/api/collections/status/records/1";

    [Fact]
    public async Task Browser_on_this_machine_is_signed_in_as_the_first_administrator()
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
    public async Task Browser_on_another_machine_is_not_signed_in()
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
    [InlineData("localhost:4000", 200)]
    [InlineData("LOCALHOST", 200)]
    [InlineData("shop.localhost:4000", 200)]
    [InlineData("127.0.0.1", 200)]
    [InlineData("127.1.2.3:4000", 200)]
    [InlineData("[::1]:4000", 200)]
    [InlineData("evil.example:4000", 204)]
    [InlineData("localhost.evil.example", 204)]
    [InlineData("evil-localhost", 204)]
    [InlineData("127.0.0.1.evil.example", 204)]
    [InlineData("192.168.1.20:4000", 204)]
    [InlineData("[2001:db8::1]:4000", 204)]
    public async Task Only_a_page_with_a_loopback_address_is_signed_in(string host, int status)
    {
        await using var server = KaffediemServer.Start();
        using var client = server.CreateClient();
        client.Headers.Host = host;

        (await client.GetAsync(Session)).Is(status);
    }

    [Theory]
    [InlineData("Origin", "http://localhost:5173", 200)]
    [InlineData("Sec-Fetch-Site", "same-origin", 200)]
    [InlineData("Sec-Fetch-Site", "none", 200)]
    [InlineData("Origin", "http://evil.example", 204)]
    [InlineData("Sec-Fetch-Site", "cross-site", 204)]
    public async Task Page_of_another_site_is_not_signed_in(string header, string value, int status)
    {
        await using var server = KaffediemServer.Start();
        using var client = server.CreateClient();
        client.Headers.Add(header, value);

        (await client.GetAsync(Session)).Is(status);
    }

    [Fact]
    public async Task Client_that_keeps_no_cookies_leaves_no_sessions()
    {
        await using var server = KaffediemServer.Start();
        for (var i = 0; i < 300; i++)
        {
            using var script = server.CreateClient();
            (await script.GetAsync(Session)).Is(200);
        }

        Assert.Equal(0, CountSessions(server));
    }

    [Fact]
    public async Task Browser_has_one_session_from_its_second_request_on()
    {
        await using var server = StartProtected();
        using var client = server.CreateClient();
        (await client.GetAsync(Session)).Is(200);

        var writes = await Task.WhenAll(Enumerable.Range(0, 8).Select(
            i => client.PatchAsync(Status, i % 2 == 0 ? """{"open":true}""" : """{"open":false}""")));

        Assert.All(writes, write => write.Is(200));
        (await client.GetAsync(Session)).Is(200);
        Assert.Equal(1, CountSessions(server));
    }

    [Fact]
    public async Task Session_ended_before_its_second_request_is_invalid()
    {
        await using var server = StartProtected();
        using var client = server.CreateClient();
        var cookie = (await client.GetAsync(Session)).Values("Set-Cookie").Single().Split(';')[0];
        (await client.DeleteAsync(Session)).Is(204);
        using var copy = server.CreateClient();
        copy.Headers.Add("Cookie", cookie);

        (await copy.PatchAsync(Status, """{"open":true}""")).Is(401);
        Assert.Equal(0, CountSessions(server));
    }

    [Theory]
    [InlineData("X-Forwarded-For", "192.168.1.20")]
    [InlineData("Forwarded", "for=192.168.1.20")]
    [InlineData("X-Forwarded-Host", "shop.example")]
    [InlineData("x-forwarded-proto", "https")]
    [InlineData("X-Original-For", "127.0.0.1:1")]
    [InlineData("X-Real-IP", "127.0.0.1")]
    [InlineData("Via", "1.1 proxy")]
    [InlineData("CF-Connecting-IP", "192.168.1.20")]
    [InlineData("True-Client-IP", "192.168.1.20")]
    public async Task Browser_behind_a_proxy_on_this_machine_is_not_signed_in(string header, string value)
    {
        await using var server = KaffediemServer.Start();
        using var client = server.CreateClient();
        client.Headers.Add(header, value);

        (await client.GetAsync(Session)).Is(204);
    }

    [Fact]
    public async Task Browser_is_not_signed_in_outside_Development()
    {
        await using var server = KaffediemServer.Start(new ServerSetup { Environment = "Staging" });
        using var client = server.CreateClient();

        (await client.GetAsync(Session)).Is(204);
    }

    [Fact]
    public async Task Browser_is_not_signed_in_without_an_administrator()
    {
        await using var production = KaffediemServer.Start(
            new ServerSetup { Environment = "Production", IsFirstRun = true });
        await production.StopAsync();
        await using var server = KaffediemServer.Start(new ServerSetup { DatabasePath = production.DatabasePath });
        using var client = server.CreateClient();

        (await client.GetAsync(Session)).Is(204);
    }

    private static KaffediemServer StartProtected() =>
        KaffediemServer.Start(new ServerSetup { Settings = { ["Auth:Writes"] = "Protected" } });

    private static long CountSessions(KaffediemServer server) =>
        SqliteFile.Query<long>(server.DatabasePath, "SELECT COUNT(*) FROM session").Single();
}
