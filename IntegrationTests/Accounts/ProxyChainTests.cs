using System.Globalization;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Server.Accounts;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Accounts;

/// <summary>
/// Behind a chain of reverse proxies the client's address is the last one in the header that is not a known proxy's.
/// The test acts as the last proxy, on 127.0.0.1.
/// </summary>
public sealed class ProxyChainTests
{
    [Theory]
    [InlineData("198.51.100.7, 10.0.0.{0}", "198.51.100.7", "198.51.100.8, 10.0.0.1")] // two proxies
    [InlineData("198.51.100.7, 10.0.1.2, 10.0.0.{0}", "198.51.100.7", "198.51.100.8, 10.0.1.2, 10.0.0.1")] // three
    // The first address is only what the client claims.
    [InlineData("203.0.113.{0}, 198.51.100.7, 10.0.0.1", "198.51.100.7", "198.51.100.8, 10.0.0.1")]
    [InlineData("10.0.0.{0}, 198.51.100.7", "198.51.100.7", "198.51.100.8")] // the client claims to be a proxy
    public async Task Client_is_the_address_in_front_of_all_known_proxies(
        string chain, string client, string otherChain)
    {
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Environment = "Production",
            Settings = { ["Proxies"] = "127.0.0.1, 10.0.0.0/8" },
            ConfigureServices = services => services
                .AddSingleton(new PasswordVerifier((password, _) => password == Administrator.Password)),
        });
        server.Logs.Expect("are refused for now");
        server.Logs.Expect("can pass for any other address"); // ProxyHopsTests
        for (var i = 1; i <= 50; i++)
        {
            using var attacker = Forward(server, string.Format(CultureInfo.InvariantCulture, chain, i));
            (await attacker.SignInAsync($"user{i.ToString(CultureInfo.InvariantCulture)}@x.no", "wrong")).Is(401);
        }

        using var same = Forward(server, client);
        using var other = Forward(server, otherChain);
        (await same.SignInAsync()).Is(429);
        (await other.SignInAsync()).Is(200);
    }

    private static RestClient Forward(KaffediemServer server, string forwardedFor)
    {
        var client = server.CreateClient();
        client.Headers.Add("X-Forwarded-For", forwardedFor);
        return client;
    }
}
