using Kaffediem.IntegrationTests.Support;
using Kaffediem.Server.Accounts;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Accounts;

/// <summary>
/// The cookies of the session and of the known device: <c>SameSite=None; Secure</c> when a front end is on another
/// site, otherwise <c>Lax</c>; over https with the prefix <c>__Host-</c>.
/// </summary>
public sealed class CookieTests
{
    private const string Session = "/api/session";

    [Theory]
    // The same site: the same host on any port, or one host a subdomain of the other.
    [InlineData("https", "shop.no", "https://shop.no", "secure; samesite=lax; httponly")]
    [InlineData("https", "SHOP.no:4000", "https://shop.no:8443", "secure; samesite=lax; httponly")]
    [InlineData("https", "api.shop.no", "https://shop.no", "secure; samesite=lax; httponly")]
    [InlineData("https", "shop.no", "https://www.shop.no", "secure; samesite=lax; httponly")]
    [InlineData("https", "localhost:4000", "https://localhost:5173", "secure; samesite=lax; httponly")]
    [InlineData("https", "[::1]:4000", "https://[::1]:5173", "secure; samesite=lax; httponly")]
    // Another site: by name, by scheme, by a suffix that two owners may share, or just one of several front ends.
    [InlineData("https", "shop.no", "https://kaffe.no", "secure; samesite=none; httponly")]
    [InlineData("https", "shop.no", "https://myshop.no", "secure; samesite=none; httponly")]
    [InlineData("https", "api.shop.no", "https://www.shop.no", "secure; samesite=none; httponly")]
    [InlineData("https", "a.co.uk", "https://b.co.uk", "secure; samesite=none; httponly")]
    [InlineData("https", "shop.no", "http://shop.no", "secure; samesite=none; httponly")]
    [InlineData("https", "localhost:4000", "http://localhost:5173", "secure; samesite=none; httponly")]
    [InlineData("https", "127.0.0.1", "https://localhost", "secure; samesite=none; httponly")]
    [InlineData("https", "shop.no", "https://shop.no,https://kaffe.no", "secure; samesite=none; httponly")]
    // No front end elsewhere.
    [InlineData("https", "shop.no", "", "secure; samesite=lax; httponly")]
    // Over plain http: "None" needs "Secure", and "Secure" needs https.
    [InlineData("http", "localhost:4000", "http://localhost:5173", "samesite=lax; httponly")]
    [InlineData("http", "shop.no", "https://kaffe.no", "samesite=lax; httponly")]
    public async Task Cookie_attributes_follow_from_the_sites_of_the_front_ends(
        string scheme, string host, string origins, string attributes)
    {
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Environment = "Production",
            Settings = { ["Cors:Origins"] = origins },
            ConfigureServices = services => services
                .AddSingleton(new PasswordVerifier((_, _) => true))
                .AddSingleton<IStartupFilter>(new Pretend(context =>
                {
                    context.Request.Scheme = scheme;
                    context.Request.Host = new HostString(host);
                })),
        });
        using var client = server.CreateClient();

        var begun = (await client.SignInAsync()).Values("Set-Cookie");
        var ended = (await client.DeleteAsync("/api/session")).Values("Set-Cookie").Single();

        var prefix = scheme == "https" ? "__Host-" : "_";
        Assert.Collection(
            begun,
            session => AssertIs($"{prefix}kaffediem_session=", $"; max-age=1209600; path=/; {attributes}", session),
            device => AssertIs($"{prefix}kaffediem_device=", $"; max-age=34560000; path=/; {attributes}", device));
        // A browser accepts the deletion only with the same attributes.
        AssertIs($"{prefix}kaffediem_session=; expires=", $"; path=/; {attributes}", ended);
    }

    [Fact]
    public async Task Session_under_the_plain_name_stays_valid_over_https_until_the_next_sign_in()
    {
        var scheme = "http";
        await using var server = StartProduction(() => scheme);
        using var before = server.CreateClient();
        var plain = CookieOf(await before.SignInAsync());

        scheme = "https";
        using var client = server.CreateClient();
        client.Headers.Add("Cookie", plain);
        (await client.GetAsync(Session)).Is(200);
        var again = await client.SignInAsync();

        again.Is(200);
        Assert.StartsWith("__Host-kaffediem_session=", CookieOf(again), StringComparison.Ordinal);
        Assert.Contains(again.Values("Set-Cookie"), cookie =>
            cookie.StartsWith("_kaffediem_session=; expires=Thu, 01 Jan 1970", StringComparison.Ordinal));
        (await client.GetAsync(Session)).Is(204);
        Assert.Equal(200, await StatusWithAsync(server, CookieOf(again)));
    }

    [Fact]
    public async Task Signing_out_over_https_deletes_the_plain_name_too()
    {
        var scheme = "http";
        await using var server = StartProduction(() => scheme);
        using var client = server.CreateClient();
        var plain = CookieOf(await client.SignInAsync());

        scheme = "https";
        client.Headers.Add("Cookie", plain);
        var ended = await client.DeleteAsync(Session);

        Assert.Collection(
            ended.Values("Set-Cookie"),
            cookie => AssertIs("__Host-kaffediem_session=; expires=", "httponly", cookie),
            cookie => AssertIs("_kaffediem_session=; expires=", "httponly", cookie));
        Assert.Equal(204, await StatusWithAsync(server, plain));
    }

    /// <summary>A neighbouring host can set the plain name for the whole domain, but not the prefixed one.</summary>
    [Fact]
    public async Task Cookie_with_the_host_prefix_wins_over_any_cookie_with_the_plain_name()
    {
        var scheme = "http";
        await using var server = StartProduction(() => scheme);
        using var attacker = server.CreateClient();
        var planted = CookieOf(await attacker.SignInAsync());
        scheme = "https";
        using var user = server.CreateClient();
        var own = CookieOf(await user.SignInAsync());
        using var signedOut = server.CreateClient();
        signedOut.Headers.Add("Cookie", own);
        Assert.Equal(200, await StatusWithAsync(server, $"{planted}; {own}"));

        (await signedOut.DeleteAsync(Session)).Is(204);

        Assert.Equal(204, await StatusWithAsync(server, $"{planted}; {own}"));
        Assert.Equal(200, await StatusWithAsync(server, planted));
    }

    [Fact]
    public async Task Token_issued_under_the_host_prefix_is_invalid_under_the_plain_name()
    {
        await using var server = StartProduction(() => "https");
        using var attacker = server.CreateClient();
        var own = CookieOf(await attacker.SignInAsync());

        Assert.Equal(200, await StatusWithAsync(server, own));
        Assert.Equal(204, await StatusWithAsync(server, own.Replace("__Host-", "_", StringComparison.Ordinal)));
    }

    private static KaffediemServer StartProduction(Func<string> scheme) => KaffediemServer.Start(new ServerSetup
    {
        Environment = "Production",
        ConfigureServices = services => services
            .AddSingleton(new PasswordVerifier((_, _) => true))
            .AddSingleton<IStartupFilter>(new Pretend(context => context.Request.Scheme = scheme())),
    });

    private static async Task<int> StatusWithAsync(KaffediemServer server, string cookie)
    {
        using var client = server.CreateClient();
        client.Headers.Add("Cookie", cookie);
        return (await client.GetAsync(Session)).Status;
    }

    private static string CookieOf(RestAnswer answer) => answer.Values("Set-Cookie")[0].Split(';')[0];

    private static void AssertIs(string start, string end, string cookie)
    {
        Assert.StartsWith(start, cookie, StringComparison.Ordinal);
        Assert.EndsWith(end, cookie, StringComparison.Ordinal);
    }
}
