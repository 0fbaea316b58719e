using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Kaffediem.Protocol;

/// <summary>
/// A web origin (RFC 6454 §4): scheme, host and port in one spelling, so that two origins are the same if and only if
/// they are equal (§5). The scheme and the host are in lower case, the host is in its ASCII form (A-labels, RFC 5890
/// §2.3.2.1), an IPv6 address is in its shortest form, and a port that is not given is the scheme's default.
/// </summary>
public readonly record struct Origin
{
    // Not the STD 3 rules: names of containers and test machines have underscores.
    private static readonly IdnMapping Idn = new() { AllowUnassigned = true };

    private Origin(string scheme, string host, int? port) => (Scheme, Host, Port) = (scheme, host, port);

    /// <summary>For example <c>https</c>.</summary>
    public string Scheme { get; }

    /// <summary>For example <c>shop.example</c>, <c>127.0.0.1</c> or <c>[::1]</c>.</summary>
    public string Host { get; }

    /// <summary>The port; <c>null</c> when none is given and the scheme has no default.</summary>
    public int? Port { get; }

    /// <summary>
    /// The origin of the request's own address; <c>null</c> when its <c>Host</c> is missing or malformed.
    /// </summary>
    /// <param name="request">
    /// The request, as forwarded headers have corrected it. Some proxies forward the scheme of an upgrade request as
    /// <c>wss</c> or <c>ws</c>: these stand for <c>https</c> and <c>http</c>.
    /// </param>
    // Not request.Host, which throws where the header's A-labels are malformed.
    public static Origin? From(HttpRequest request) =>
        Of(WebScheme(request.Scheme.ToLowerInvariant()), request.Headers.Host.ToString());

    /// <summary>The origin with this scheme and host; <c>null</c> when the host is malformed.</summary>
    /// <param name="scheme">For example <c>https</c>.</param>
    /// <param name="host">As in a <c>Host</c> header (RFC 9110 §7.2), for example <c>localhost:4000</c>.</param>
    public static Origin? Of(string scheme, string host)
    {
        try
        {
            // As ASP.NET Core reads the header and writes it into addresses.
            var written = HostString.FromUriComponent(host).ToUriComponent();
            return TryParse($"{scheme}://{written}", out var origin) ? origin : null;
        }
        catch (ArgumentException)
        {
            return null; // labels that IDNA does not know, such as "xn--", or empty ones beside others
        }
    }

    /// <summary>Reads an origin.</summary>
    /// <param name="text">For example <c>https://shop.example</c> or <c>http://localhost:5173</c>.</param>
    /// <exception cref="FormatException">It is not an origin; the message names the fault.</exception>
    public static Origin Parse(string text) => Read(text, out var origin) is { } fault
        ? throw new FormatException($"'{text}' is not an origin such as https://shop.example: {fault}.")
        : origin;

    /// <summary>Reads an origin; <c>false</c> when the text is not one.</summary>
    /// <param name="text">For example <c>https://shop.example</c> or <c>http://localhost:5173</c>.</param>
    /// <param name="origin">The origin.</param>
    public static bool TryParse(string? text, out Origin origin)
    {
        origin = default;
        return text is not null && Read(text, out origin) is null;
    }

    /// <summary>The ASCII serialization (RFC 6454 §6.2), for example <c>https://shop.example:8443</c>.</summary>
    public override string ToString() => Port == DefaultPort(Scheme)
        ? $"{Scheme}://{Host}"
        : string.Create(CultureInfo.InvariantCulture, $"{Scheme}://{Host}:{Port}");

    // origin = scheme "://" host [ ":" port ]   (RFC 6454 §6.2, RFC 3986 §3.1, §3.2). Returns the fault.
    private static string? Read(string text, out Origin origin)
    {
        origin = default;
        var schemeEnd = text.IndexOf("://", StringComparison.Ordinal);
        if (schemeEnd <= 0 || !IsScheme(text.AsSpan(0, schemeEnd)))
        {
            return "it must begin with a scheme such as https://";
        }

        var authority = text.AsSpan(schemeEnd + 3);
        if (authority.Contains('@'))
        {
            return "it must not contain a user";
        }

        if (authority.IndexOfAny("/?#\\") is >= 0 and var end)
        {
            return end == 0 ? "it has no host" : "nothing may follow the host and port, not even a slash";
        }

        var scheme = text[..schemeEnd].ToLowerInvariant();
        var hostEnd = authority.IndexOf(']') is >= 0 and var bracket ? bracket + 1 : authority.IndexOf(':');
        hostEnd = hostEnd < 0 ? authority.Length : hostEnd;
        if (ReadHost(authority[..hostEnd], out var host) is { } fault)
        {
            return fault;
        }

        if (!TryReadPort(authority[hostEnd..], out var port))
        {
            return "its port is not a number from 1 to 65535";
        }

        origin = new Origin(scheme, host, port ?? DefaultPort(scheme));
        return null;
    }

    private static string? ReadHost(ReadOnlySpan<char> text, out string host)
    {
        host = "";
        if (text.IsEmpty)
        {
            return "it has no host";
        }

        if (text.Contains('*'))
        {
            return "it must name one host, without a wildcard";
        }

        host = (text[0] == '[' ? ReadAddress(text) : ReadName(text.ToString())) ?? "";
        return host.Length == 0 ? "its host is malformed" : null;
    }

    // "[0:0::1]" is "[::1]". A zone (RFC 4007 §11) means something on one machine only.
    private static string? ReadAddress(ReadOnlySpan<char> text) =>
        text is ['[', .. var inner, ']'] && !inner.Contains('%')
        && IPAddress.TryParse(inner, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6
            ? $"[{address}]"
            : null;

    private static string? ReadName(string text)
    {
        try
        {
            text = text.ToLowerInvariant();
            text = Ascii.IsValid(text) ? text : Idn.GetAscii(text);
            return text.All(IsNameCharacter) && Uri.CheckHostName(text) is UriHostNameType.Dns or UriHostNameType.IPv4
                ? text
                : null;
        }
        catch (ArgumentException)
        {
            return null; // not a name, or too long for one
        }
    }

    // An empty port counts as no port (RFC 3986 §3.2.3).
    private static bool TryReadPort(ReadOnlySpan<char> text, out int? port)
    {
        port = null;
        if (text is [] or ":")
        {
            return true;
        }

        if (text[0] != ':'
            || !ushort.TryParse(text[1..], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        port = number;
        return number > 0;
    }

    private static bool IsScheme(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '-' or '.'))
            {
                return false;
            }
        }

        return char.IsAsciiLetter(text[0]);
    }

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_';

    private static string WebScheme(string scheme) => scheme switch
    {
        "wss" => "https",
        "ws" => "http",
        _ => scheme,
    };

    private static int? DefaultPort(string scheme) => scheme switch
    {
        "http" or "ws" => 80,
        "https" or "wss" => 443,
        _ => null,
    };
}
