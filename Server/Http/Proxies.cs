using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace Kaffediem.Server.Http;

/// <summary>
/// Setting <c>Proxies</c>: the reverse proxies in front, whose <c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c>
/// tell where a request really comes from. Nobody else's are believed: with them a client could pass for another.
/// </summary>
internal static class Proxies
{
    private const string Setting = "Proxies";

    /// <exception cref="OptionsValidationException">An entry is neither an address nor a network.</exception>
    public static void AddProxies(this WebApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection(Setting);
        var entries = section.Get<string[]>() is { Length: > 0 } list ? list : section.Value?.Split(',') ?? [];
        IPNetwork[] networks =
            [.. entries.Select(entry => entry.Trim()).Where(entry => entry.Length > 0).Select(Parse)];

        // After all others: ASPNETCORE_FORWARDEDHEADERS_ENABLED makes the framework believe everybody.
        builder.Services.PostConfigure<ForwardedHeadersOptions>(options =>
        {
            // No known proxy means every one to the middleware.
            options.ForwardedHeaders = networks.Length == 0 ? ForwardedHeaders.None
                : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            Array.ForEach(networks, options.KnownIPNetworks.Add);
            // Through as many proxies as there are: the first address that is none of theirs is the client's.
            options.ForwardLimit = null;
        });
    }

    /// <summary>Has the rest of the pipeline see requests as the client made them.</summary>
    public static void UseProxies(this WebApplication app)
    {
        var known = app.Services.GetRequiredService<IOptions<ForwardedHeadersOptions>>().Value.KnownIPNetworks;
        var time = app.Services.GetRequiredService<TimeProvider>();
        if (known.Count > 0)
        {
            var schemes = new ForwardedSchemes([.. known], app.Logger, time);
            app.Use((context, next) =>
            {
                schemes.Rewrite(context);
                return next(context);
            });
        }

        app.UseForwardedHeaders();
    }

    private static IPNetwork Parse(string text) =>
        IPNetwork.TryParse(text, out var network) ? network
        : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : throw new OptionsValidationException(
            Setting,
            typeof(ForwardedHeadersOptions),
            [$"Proxies: '{text}' is neither an address such as 10.0.0.2 nor a network such as 10.0.0.0/8."]);
}
