using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Kaffediem.Protocol;

/// <summary>
/// The content of <c>Sec-WebSocket-Protocol</c> (docs/protocol.md, "Auth token"): phoenix.js 1.8 sends <c>phoenix,
/// base64url.bearer.phx.TOKEN</c>, and a browser goes away unless <c>phoenix</c> is echoed. The bearer is a secret: it
/// is never echoed and never logged.
/// </summary>
/// <param name="Chosen">The subprotocol to echo, if any.</param>
/// <param name="AuthToken">The token, decoded; <c>null</c> without one.</param>
internal readonly record struct Subprotocol(string? Chosen, string? AuthToken)
{
    private const string Phoenix = "phoenix";
    private const string BearerPrefix = "base64url.bearer.phx.";

    private static readonly SearchValues<char> Base64Digits =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_");

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <returns><c>null</c> and the reason when the client has to be refused.</returns>
    public static (Subprotocol? Subprotocol, Refusal? Refusal) Read(
        IEnumerable<string?> header, IEnumerable<string> spoken)
    {
        string[] all = [.. header.SelectMany(line => Names(line ?? ""))];
        string[] offered = [.. all.Where(name => !IsBearer(name))];
        string[] bearers = [.. all.Where(IsBearer)];
        var token = bearers is [var bearer] ? Decode(bearer[BearerPrefix.Length..]) : null;
        if (bearers.Length > 0 && token is null)
        {
            return (null, Refusal.AuthToken); // Phoenix raises at garbage, and answers 500: do better
        }

        // The server's order counts (Phoenix: check_subprotocols), and phoenix comes first.
        string[] known = [Phoenix, .. spoken];
        var chosen = known.FirstOrDefault(offered.Contains);
        return chosen is null && known.Length > 1 && offered.Length > 0
            ? (null, Refusal.UnknownSubprotocol)
            : (new Subprotocol(chosen, token), null);
    }

    /// <summary>The header without its secret; empty when it held nothing more.</summary>
    public static string WithoutBearer(string header) =>
        string.Join(", ", Names(header).Where(name => !IsBearer(name)));

    private static string[] Names(string header) => header.Split(',', StringSplitOptions.TrimEntries);

    private static bool IsBearer(string name) => name.StartsWith(BearerPrefix, StringComparison.Ordinal);

    // Despite its name it is mostly standard base64 without padding, which is what btoa gives: take both alphabets.
    private static string? Decode(string base64)
    {
        var digits = base64.EndsWith("==", StringComparison.Ordinal) ? base64[..^2] : base64.TrimEnd('=');
        if (digits.AsSpan().ContainsAnyExcept(Base64Digits))
        {
            return null; // the framework's decoder would overlook blanks and a second kind of padding
        }

        try
        {
            return StrictUtf8.GetString(Base64Url.DecodeFromChars(digits.Replace('+', '-').Replace('/', '_')));
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            return null;
        }
    }
}
