using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace Kaffediem.Server.Pipeline;

/// <summary>
/// Settings <c>Proxies</c> and <c>ProxyHops</c>: the reverse proxies in front. Their <c>X-Forwarded-For</c>,
/// <c>-Proto</c> and <c>-Host</c> name the real origin of a request. From other clients these headers are ignored,
/// because a client could pass for another with them.
/// </summary>
/// <remarks>
/// Every proxy appends the address of its client. The framework reads the list from its end, for as long as the address
/// it has arrived at is a proxy's. If a client's own address is in <c>Proxies</c>, the framework reads on into the part
/// that the client itself sent. <c>ProxyHops</c> stops it before that.
/// </remarks>
internal static class Proxies
{
    private const string ProxiesSetting = "Proxies";
    private const string HopsSetting = "ProxyHops";
    private const int MaxHops = 16;

    // 127.0.0.0/8 is this machine alone.
    private const int LoopbackPrefix = 8;

    /// <exception cref="OptionsValidationException">
    /// An entry is neither an address nor a network, or the hops are not a number.
    /// </exception>
    public static void AddProxies(this WebApplicationBuilder builder)
    {
        var networks = Read(builder.Configuration);
        var hops = ReadHops(builder.Configuration);

        // After all other configuration: ASPNETCORE_FORWARDEDHEADERS_ENABLED makes the framework believe every client.
        builder.Services.PostConfigure<ForwardedHeadersOptions>(options =>
        {
            // The middleware would believe every client if no proxy were known.
            options.ForwardedHeaders = networks.Length == 0 ? ForwardedHeaders.None
                : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            Array.ForEach(networks, options.KnownIPNetworks.Add);
            // By default, the first address that is not a proxy's is the client's, however many proxies there are.
            options.ForwardLimit = hops;
        });
    }

    /// <summary>Restores, for the rest of the pipeline, the requests as the clients made them.</summary>
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

    /// <summary>One warning for each network whose clients could pass for others.</summary>
    public static IEnumerable<string> FindWarnings(IConfiguration configuration) =>
        from network in ReadHops(configuration) is null ? Read(configuration) : []
        where network.PrefixLength < MaxPrefix(network.BaseAddress) && !IsThisMachine(network)
        select $"Proxies: a client with an address in {network} can pass for any other address. "
            + "Name the machines of the proxies, or set ProxyHops to how many each request comes through.";

    private static IPNetwork[] Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(ProxiesSetting);
        var entries = section.Get<string[]>() is { Length: > 0 } list ? list : section.Value?.Split(',') ?? [];
        return [.. entries.Select(entry => entry.Trim()).Where(entry => entry.Length > 0).Select(Parse)];
    }

    private static int? ReadHops(IConfiguration configuration) =>
        configuration[HopsSetting]?.Trim() is not { Length: > 0 } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var hops)
            && hops is >= 1 and <= MaxHops ? hops
        : throw Refuse($"ProxyHops must be a whole number from 1 to {MaxHops}, not '{text}'.");

    private static bool IsThisMachine(IPNetwork network) =>
        IPAddress.IsLoopback(network.BaseAddress) && network.PrefixLength >= LoopbackPrefix;

    private static int MaxPrefix(IPAddress address) => address.GetAddressBytes().Length * 8;

    private static IPNetwork Parse(string text) =>
        IPNetwork.TryParse(text, out var network) ? network
        : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, MaxPrefix(address))
        : throw Refuse($"Proxies: '{text}' is neither an address such as 10.0.0.2 nor a network such as 10.0.0.0/8.");

    private static OptionsValidationException Refuse(string reason) =>
        new(ProxiesSetting, typeof(ForwardedHeadersOptions), [reason]);
}
