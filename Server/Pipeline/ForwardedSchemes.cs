using System.Net;
using Kaffediem.Protocol;
using IPNetwork = System.Net.IPNetwork;

namespace Kaffediem.Server.Pipeline;

/// <summary>
/// Rewrites <c>X-Forwarded-Proto</c> before the framework applies it, because the framework accepts any word as a
/// scheme. Traefik forwards upgrade requests as <c>wss</c> or <c>ws</c>; a request has the scheme <c>https</c> or
/// <c>http</c>. Thread-safe.
/// </summary>
internal sealed partial class ForwardedSchemes(IPNetwork[] proxies, ILogger logger, TimeProvider time)
{
    private const string Header = "X-Forwarded-Proto";

    // The framework skips what cannot be a scheme, and still counts it as the value of one proxy.
    private const string Ignored = "?";

    private readonly LogThrottle _throttle = new(time);

    public void Rewrite(HttpContext context)
    {
        var values = context.Request.Headers.GetCommaSeparatedValues(Header);
        if (values.Length == 0 || Array.TrueForAll(values, value => value is "https" or "http"))
        {
            return;
        }

        string[] schemes = [.. values.Select(SchemeOf)];
        if (schemes.IndexOf(Ignored) is >= 0 and var index && IsProxy(context.Connection.RemoteIpAddress)
            && _throttle.Allows(out _))
        {
            Log.Ignored(logger, values[index]);
        }

        context.Request.Headers[Header] = string.Join(',', schemes);
    }

    private static string SchemeOf(string value) => value.ToLowerInvariant() switch
    {
        "https" or "wss" => "https",
        "http" or "ws" => "http",
        _ => Ignored,
    };

    // A proxy that connects over a Unix socket has no address.
    private bool IsProxy(IPAddress? address)
    {
        var plain = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        return plain is null || Array.Exists(proxies, network => network.Contains(plain));
    }

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Warning,
            "A proxy sends the X-Forwarded-Proto \"{Value}\", which is ignored: it has to be https, http, wss or ws.")]
        public static partial void Ignored(ILogger logger, ClientText value);
    }
}
