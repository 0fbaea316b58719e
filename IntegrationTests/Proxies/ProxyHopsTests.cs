using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Server.Accounts;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Proxies;

/// <summary>
/// Clients whose own addresses are in the network of <c>Proxies</c>, behind the real nginx and HAProxy. They forge
/// <c>X-Forwarded-For</c>, to which the proxy appends the address that the request came from.
/// </summary>
[Experiment("Proxies")]
public sealed class ProxyHopsTests
{
    private const string Warning = "can pass for any other address";

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("nginx", "1", HttpStatusCode.TooManyRequests)]
    [InlineData("haproxy", "1", HttpStatusCode.TooManyRequests)]
    [InlineData("nginx", "", HttpStatusCode.Unauthorized)] // the danger that the warning describes
    [InlineData("haproxy", "", HttpStatusCode.Unauthorized)]
    public async Task Client_inside_the_network_cannot_forge_its_address_when_the_hops_are_set(
        string program, string hops, HttpStatusCode expected)
    {
        await using var server = Start("127.0.0.0/8", hops, attempts: 1);
        server.Logs.Expect("are refused for now");
        using var proxy = await ReverseProxy.StartAsync(program, server.BaseAddress.Authority);
        using var attacker = proxy.CreateClient("127.0.0.2");
        using var other = proxy.CreateClient("127.0.0.3");

        Assert.Equal(HttpStatusCode.Unauthorized, await SignInAsync(attacker, "a@x.no", "wrong", "192.0.2.1"));
        Assert.Equal(expected, await SignInAsync(attacker, "b@x.no", "wrong", "192.0.2.2"));
        Assert.Equal(HttpStatusCode.OK, await SignInAsync(other, "admin@kaffediem.test", "kaffediem", "192.0.2.3"));
    }

    // The test acts as the last proxy, on 127.0.0.1; 10.0.0.2 is the proxy in front of it.
    [Theory]
    [InlineData("2", "192.0.2.{0}, 198.51.100.7, 10.0.0.2", 429)]
    [InlineData("2", "10.0.0.{0}, 198.51.100.7, 10.0.0.2", 429)]
    [InlineData("2", "10.0.0.{0}, 10.0.0.9, 10.0.0.2", 429)] // the client is in the proxies' network
    [InlineData("", "192.0.2.{0}, 10.0.0.9, 10.0.0.2", 401)]
    [InlineData("1", "192.0.2.{0}, 10.0.0.9", 429)]
    [InlineData("2", "10.0.0.{0}, 10.0.0.2", 401)] // only two hops count, so these are different clients
    public async Task Exactly_the_last_hops_are_proxies(string hops, string forwardedFor, int expected)
    {
        await using var server = Start("127.0.0.1,10.0.0.0/8", hops, attempts: 1);
        server.Logs.Expect("are refused for now");
        server.Logs.Expect(Warning);
        var statuses = new List<int>();
        for (var i = 11; i <= 12; i++)
        {
            using var client = server.CreateClient();
            client.Headers.Add("X-Forwarded-For", forwardedFor.Replace("{0}", $"{i}", StringComparison.Ordinal));
            statuses.Add((await client.SignInAsync($"user{i}@x.no", "wrong")).Status);
        }

        Assert.Equal([401, expected], statuses);
    }

    [Theory]
    [InlineData("127.0.0.1,10.0.0.2", "", 0)]
    [InlineData("::1,fd00::7,10.0.0.2/32", "", 0)]
    [InlineData("127.0.0.0/8", "", 0)] // this machine
    [InlineData("127.0.0.1,10.0.0.0/8", "", 1)]
    [InlineData("10.0.0.0/31,fd00::/64,127.0.0.0/7", "", 3)]
    [InlineData("0.0.0.0/0,::/0", "", 2)]
    [InlineData("10.0.0.0/8", "1", 0)]
    public async Task Start_warns_of_a_network_unless_the_hops_are_set(string proxies, string hops, int warnings)
    {
        await using var server = Start(proxies, hops);
        server.Logs.Expect(Warning);

        Assert.Equal(warnings, server.Logs.Count(Warning));
    }

    private static KaffediemServer Start(string proxies, string hops, int attempts = 50) =>
        KaffediemServer.Start(new ServerSetup
        {
            Environment = "Production",
            Settings =
            {
                ["Proxies"] = proxies,
                ["ProxyHops"] = hops,
                ["Auth:AttemptsPerAddress"] = $"{attempts}",
            },
            ConfigureServices = services => services
                .AddSingleton(new PasswordVerifier((password, _) => password == "kaffediem")),
        });

    private static async Task<HttpStatusCode> SignInAsync(
        HttpClient browser, string email, string password, string forwardedFor)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/session")
        {
            Content = JsonContent.Create(
                new JsonObject { ["email"] = email, ["password"] = password }, options: JsonSerializerOptions.Default),
        };
        request.Headers.Add("X-Forwarded-For", forwardedFor);
        using var answer = await browser.SendAsync(request, CancellationToken);
        return answer.StatusCode;
    }
}
