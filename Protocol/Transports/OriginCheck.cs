using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace Kaffediem.Protocol;

/// <summary>
/// From which web pages browsers may connect (spec/protocol.md section 1; phoenix <c>lib/phoenix/socket/transport.ex</c>,
/// check_origin). It is what keeps a foreign page from using its visitor's cookies here. Clients that are no browsers
/// send no <c>Origin</c> and are let through.
/// </summary>
public sealed class OriginCheck
{
    private readonly bool _isOff;
    private readonly bool _allowsSameOrigin;
    private readonly AllowedOrigin[] _allowed;

    private OriginCheck(bool isOff, bool allowsSameOrigin, AllowedOrigin[] allowed) =>
        (_isOff, _allowsSameOrigin, _allowed) = (isOff, allowsSameOrigin, allowed);

    /// <summary>
    /// Only pages with the scheme, host and port of the request itself. Behind a proxy that ends TLS these must be told
    /// by forwarded headers (ASP.NET Core's <c>UseForwardedHeaders</c>).
    /// </summary>
    public static OriginCheck SameOrigin { get; } = new(isOff: false, allowsSameOrigin: true, []);

    /// <summary>Any page, also one without a host, such as a local file.</summary>
    public static OriginCheck Off { get; } = new(isOff: true, allowsSameOrigin: true, []);

    /// <summary>Only the pages of these origins.</summary>
    /// <param name="origins">
    /// <c>https://shop.example</c> (its default port), <c>https://shop.example:8443</c>, <c>//shop.example</c> (any scheme
    /// and port), or <c>//*.shop.example</c> (the host itself and all below it).
    /// </param>
    /// <exception cref="ArgumentException">One of them is none of these.</exception>
    public static OriginCheck Allow(params IEnumerable<string> origins) =>
        new(isOff: false, allowsSameOrigin: false, [.. origins.Select(AllowedOrigin.Parse)]);

    /// <summary>The same, and also the pages of the same origin.</summary>
    public OriginCheck OrSameOrigin() => new(_isOff, allowsSameOrigin: true, _allowed);

    /// <summary>Whether the page that asks may connect; for other endpoints that are guarded as sockets are.</summary>
    /// <param name="request">The request.</param>
    public bool Allows(HttpRequest request) =>
        FindSelf(request) is { } self && Allows(request.Headers.Origin, self);

    /// <param name="origins">The values of the request's <c>Origin</c> header.</param>
    /// <param name="self">Scheme, host and port of the request.</param>
    internal bool Allows(IReadOnlyList<string?> origins, Uri self)
    {
        if (_isOff || origins.Count == 0)
        {
            return true;
        }

        // An origin without a host, such as "null", is refused; so are two, and one that is not ASCII: no browser sends that.
        return origins is [{ } text] && Ascii.IsValid(text)
            && Uri.TryCreate(text, UriKind.Absolute, out var origin) && origin.Host.Length > 0
            && ((_allowsSameOrigin && IsSame(origin, self)) || Array.Exists(_allowed, allowed => allowed.Fits(origin)));
    }

    // Kestrel lets through what is no host, such as ".&", and the framework's own UriHelper throws at it.
    private static Uri? FindSelf(HttpRequest request)
    {
        try
        {
            var self = UriHelper.BuildAbsolute(request.Scheme, request.Host);
            return Uri.TryCreate(self, UriKind.Absolute, out var uri) ? uri : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static bool IsSame(Uri origin, Uri self) =>
        origin.Scheme == self.Scheme && origin.Host == self.Host && origin.Port == self.Port;

    private sealed record AllowedOrigin(string? Scheme, string Host, int? Port, bool WithSubdomains)
    {
        public static AllowedOrigin Parse(string text)
        {
            var anyScheme = text.StartsWith("//", StringComparison.Ordinal);
            var withSubdomains = text.Contains("//*.", StringComparison.Ordinal);
            var url = (anyScheme ? "any:" : "") + text.Replace("//*.", "//", StringComparison.Ordinal);
            if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || !IsOrigin(uri))
            {
                throw new ArgumentException(
                    $"'{text}' is no origin such as https://shop.example, //shop.example or //*.shop.example.", nameof(text));
            }

            // A name in ASCII, as browsers write it; an IPv6 address in brackets.
            var host = uri.Host.StartsWith('[') ? uri.Host : uri.IdnHost;
            return new AllowedOrigin(anyScheme ? null : uri.Scheme, host, uri.Port < 0 ? null : uri.Port, withSubdomains);
        }

        public bool Fits(Uri origin) =>
            (Scheme is null || Scheme == origin.Scheme)
            && (Port is null || Port == origin.Port)
            && (Host == origin.Host || (WithSubdomains && origin.Host.EndsWith("." + Host, StringComparison.Ordinal)));

        private static bool IsOrigin(Uri uri) =>
            uri.Host.Length > 0 && !uri.Host.Contains('*', StringComparison.Ordinal)
            && uri.UserInfo.Length == 0 && uri.PathAndQuery.Length <= 1 && uri.Fragment.Length == 0;
    }
}
