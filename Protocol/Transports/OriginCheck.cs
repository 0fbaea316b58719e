using System.Text;
using Microsoft.AspNetCore.Http;

namespace Kaffediem.Protocol;

/// <summary>
/// From which web pages browsers may connect (phoenix@167c469 <c>lib/phoenix/socket/transport.ex</c>, check_origin).
/// The check keeps a foreign page from using its visitor's cookies here. Clients other than browsers send no
/// <c>Origin</c> and are let in.
/// </summary>
public sealed class OriginCheck
{
    // The longest host name has 253 characters (RFC 1035 §2.3.4).
    private const int MaxShown = 300;

    private readonly bool _isOff;
    private readonly bool _allowsSameOrigin;
    private readonly AllowedOrigin[] _allowed;

    private OriginCheck(bool isOff, bool allowsSameOrigin, AllowedOrigin[] allowed) =>
        (_isOff, _allowsSameOrigin, _allowed) = (isOff, allowsSameOrigin, allowed);

    /// <summary>
    /// Only pages with the scheme, host and port of the request itself. Behind a proxy that ends TLS the request has
    /// them only if the application uses forwarded headers (ASP.NET Core's <c>UseForwardedHeaders</c>).
    /// </summary>
    public static OriginCheck SameOrigin { get; } = new(isOff: false, allowsSameOrigin: true, []);

    /// <summary>Any page, also one without a host, such as a local file.</summary>
    public static OriginCheck Off { get; } = new(isOff: true, allowsSameOrigin: true, []);

    /// <summary>Where an operator can allow a further origin; refusals mention it.</summary>
    public string AllowedBy { get; private init; } = nameof(PhoenixSocketOptions.CheckOrigin);

    /// <summary>Only the pages of these origins.</summary>
    /// <param name="origins">
    /// <c>https://shop.example</c> (its default port), <c>https://shop.example:8443</c>, <c>//shop.example</c> (any
    /// scheme and port), or <c>//*.shop.example</c> (the host itself and all hosts below it).
    /// </param>
    /// <exception cref="ArgumentException">A text has none of these forms.</exception>
    public static OriginCheck Allow(params IEnumerable<string> origins) =>
        new(isOff: false, allowsSameOrigin: false, [.. origins.Select(AllowedOrigin.Parse)]);

    /// <summary>The same check, which also allows the pages of the request's own origin.</summary>
    public OriginCheck OrSameOrigin() =>
        new(_isOff, allowsSameOrigin: true, _allowed) { AllowedBy = AllowedBy };

    /// <summary>The same check, whose refusals mention a setting of the application.</summary>
    /// <param name="setting">For example <c>the setting Cors:Origins</c>.</param>
    public OriginCheck Naming(string setting) => new(_isOff, _allowsSameOrigin, _allowed) { AllowedBy = setting };

    /// <summary>
    /// Whether the request's page may connect; for sockets, and for other endpoints that are guarded like them.
    /// </summary>
    /// <param name="request">The request.</param>
    public bool Allows(HttpRequest request)
    {
        // A Host that is malformed is refused, with an Origin or without.
        if (Origin.From(request) is not { } self)
        {
            return false;
        }

        var origins = request.Headers.Origin;
        return _isOff || origins.Count == 0 || (origins is [{ } text] && Allows(text, self));
    }

    /// <summary>
    /// Whether the list names this origin, whatever the request; for CORS, where the server's own pages need no header.
    /// </summary>
    /// <param name="origin">The value of an <c>Origin</c> header.</param>
    public bool Lists(string origin) => TryReadHeader(origin, out var read) && Lists(read);

    /// <summary>
    /// Says why a request was refused, for its answer: names the origin, and where it can be allowed.
    /// </summary>
    /// <param name="request">A request that is not allowed.</param>
    public string DescribeRefusal(HttpRequest request)
    {
        if (Origin.From(request) is null)
        {
            return "The Host header is missing or malformed.";
        }

        var origin = request.Headers.Origin.ToString();
        if (origin.Length == 0)
        {
            return "A page of another site has to send its Origin header.";
        }

        origin = origin.Length > MaxShown ? origin[..MaxShown] + "…" : origin;
        return TryReadHeader(origin, out _)
            ? $"The origin {origin} is not allowed: add it to {AllowedBy}."
            : $"The origin {origin} is not allowed: only origins such as https://shop.example can be, by {AllowedBy}.";
    }

    private bool Allows(string text, Origin self) =>
        TryReadHeader(text, out var origin) && ((_allowsSameOrigin && origin == self) || Lists(origin));

    private bool Lists(Origin origin) => Array.Exists(_allowed, allowed => allowed.Fits(origin));

    // Browsers send ASCII (RFC 6454 §6.2).
    private static bool TryReadHeader(string text, out Origin origin)
    {
        origin = default;
        return Ascii.IsValid(text) && Origin.TryParse(WithoutSlash(text), out origin);
    }

    // Phoenix tolerates a slash at the end (phoenix@167c469 test/phoenix/socket/transport_test.exs, "checks the origin
    // of requests against allowed origins").
    private static string WithoutSlash(string text) => text.EndsWith('/') ? text[..^1] : text;

    private sealed record AllowedOrigin(string? Scheme, string Host, int? Port, bool WithSubdomains)
    {
        public static AllowedOrigin Parse(string text)
        {
            var anyScheme = text.StartsWith("//", StringComparison.Ordinal);
            var withSubdomains = text.Contains("//*.", StringComparison.Ordinal);
            var plain = (anyScheme ? "any:" : "") + text.Replace("//*.", "//", StringComparison.Ordinal);
            return Origin.TryParse(WithoutSlash(plain), out var origin)
                ? new AllowedOrigin(anyScheme ? null : origin.Scheme, origin.Host, origin.Port, withSubdomains)
                : throw new ArgumentException(
                    $"'{text}' is not an origin such as https://shop.example, //shop.example or //*.shop.example.",
                    nameof(text));
        }

        public bool Fits(Origin origin) =>
            (Scheme is null || Scheme == origin.Scheme)
            && (Port is null || Port == origin.Port)
            && (Host == origin.Host || (WithSubdomains && origin.Host.EndsWith("." + Host, StringComparison.Ordinal)));
    }
}
