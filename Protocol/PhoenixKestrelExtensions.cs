using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Kaffediem.Protocol;

/// <summary>Prepares Kestrel for many sockets.</summary>
public static class PhoenixKestrelExtensions
{
    /// <summary>
    /// Lets WebSockets go on with their bare connection when their request is answered, so that an idle one takes a
    /// good third less memory. Say it before endpoints are named; it sets what <c>ConfigureEndpointDefaults</c> sets.
    /// Without it, and where TLS ends in Kestrel, sockets work as well. With it their requests are over at once, as
    /// middleware sees it.
    /// </summary>
    /// <param name="kestrel">What <c>ConfigureKestrel</c> offers.</param>
    public static void UsePhoenix(this KestrelServerOptions kestrel) =>
        kestrel.ConfigureEndpointDefaults(static endpoint => endpoint.UsePhoenix());

    /// <summary>
    /// The same for one endpoint, or within <c>ConfigureEndpointDefaults</c> beside connection middleware of your own.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    public static void UsePhoenix(this ListenOptions endpoint) => endpoint.Use(ConnectionTakeover.Around);
}
