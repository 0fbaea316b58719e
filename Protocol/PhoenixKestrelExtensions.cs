using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Kaffediem.Protocol;

/// <summary>Prepares Kestrel for many sockets.</summary>
public static class PhoenixKestrelExtensions
{
    /// <summary>
    /// Serves each WebSocket on its bare connection once its request is answered, so that an idle one needs over a
    /// third less memory. Call it before endpoints are configured; it replaces <c>ConfigureEndpointDefaults</c>.
    /// Without it, and where TLS ends in Kestrel, sockets work too. With it, middleware sees the request of a WebSocket
    /// end at once.
    /// </summary>
    /// <param name="kestrel">The options in <c>ConfigureKestrel</c>.</param>
    public static void UsePhoenix(this KestrelServerOptions kestrel) =>
        kestrel.ConfigureEndpointDefaults(static endpoint => endpoint.UsePhoenix());

    /// <summary>
    /// The same for one endpoint, or within <c>ConfigureEndpointDefaults</c> beside connection middleware of your own.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    public static void UsePhoenix(this ListenOptions endpoint) => endpoint.Use(ConnectionTakeover.Around);
}
