using Kaffediem.IntegrationTests.Support;
using Kaffediem.Server.Accounts;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Accounts;

/// <summary>
/// The session's cookie: <c>SameSite=None; Secure</c> when a front end is on another site, <c>Lax</c> else (issue 4,
/// point 4).
/// </summary>
public sealed class CookieTests
{
    [Theory]
    // The same site: the same host on whatever port, or one below the other.
    [InlineData("https", "shop.no", "https://shop.no", "secure; samesite=lax; httponly")]
    [InlineData("https", "SHOP.no:4000", "https://shop.no:8443", "secure; samesite=lax; httponly")]
    [InlineData("https", "api.shop.no", "https://shop.no", "secure; samesite=lax; httponly")]
    [InlineData("https", "shop.no", "https://www.shop.no", "secure; samesite=lax; httponly")]
    [InlineData("https", "localhost:4000", "https://localhost:5173", "secure; samesite=lax; httponly")]
    [InlineData("https", "[::1]:4000", "https://[::1]:5173", "secure; samesite=lax; httponly")]
    // Another: by the name, by the scheme, by what may be two owners' names, or one of several.
    [InlineData("https", "shop.no", "https://kaffe.no", "secure; samesite=none; httponly")]
    [InlineData("https", "shop.no", "https://myshop.no", "secure; samesite=none; httponly")]
    [InlineData("https", "api.shop.no", "https://www.shop.no", "secure; samesite=none; httponly")]
    [InlineData("https", "a.co.uk", "https://b.co.uk", "secure; samesite=none; httponly")]
    [InlineData("https", "shop.no", "http://shop.no", "secure; samesite=none; httponly")]
    [InlineData("https", "localhost:4000", "http://localhost:5173", "secure; samesite=none; httponly")]
    [InlineData("https", "127.0.0.1", "https://localhost", "secure; samesite=none; httponly")]
    [InlineData("https", "shop.no", "https://shop.no,https://kaffe.no", "secure; samesite=none; httponly")]
    // Over plain http "None" would need "Secure", which would need https.
    [InlineData("http", "localhost:4000", "http://localhost:5173", "samesite=lax; httponly")]
    [InlineData("http", "shop.no", "https://kaffe.no", "samesite=lax; httponly")]
    public async Task The_cookie_is_as_open_as_the_front_ends_need(
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

        var begun = (await client.SignInAsync()).Header("Set-Cookie");
        var ended = (await client.DeleteAsync("/api/session")).Header("Set-Cookie");

        Assert.EndsWith($"; max-age=1209600; path=/; {attributes}", begun, StringComparison.Ordinal);
        // A browser takes the cookie back only under the same attributes.
        Assert.EndsWith($"; path=/; {attributes}", ended, StringComparison.Ordinal);
    }
}
