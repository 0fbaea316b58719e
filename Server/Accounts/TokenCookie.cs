using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using Kaffediem.Server.Pipeline;

namespace Kaffediem.Server.Accounts;

/// <summary>
/// A cookie with a random token. The database has only the token's hash, so reading the database reveals no token.
/// Over https the name has the prefix <c>__Host-</c>, so that the cookie can only come from this host over https, never
/// from a neighbouring host or over plain http (RFC 6265bis §4.1.3.2). Browsers refuse that prefix over plain http.
/// </summary>
/// <param name="name">The name, without a prefix.</param>
/// <param name="lifetime">How long browsers keep it.</param>
internal sealed class TokenCookie(string name, TimeSpan lifetime)
{
    private const int TokenLength = 32;

    /// <summary>The name over plain http, and of cookies from before <see cref="HostName"/> existed.</summary>
    public string PlainName { get; } = $"_{name}";

    /// <summary>The name over https.</summary>
    public string HostName { get; } = $"__Host-{name}";

    /// <summary>
    /// The hash of the token that the request carries; <c>null</c> if it carries none. <see cref="HostName"/> wins even
    /// if it is malformed, because the other cookie may have been planted. Without it <see cref="PlainName"/> counts,
    /// so that a session that began under that name continues.
    /// </summary>
    public byte[]? ReadHash(HttpRequest request) =>
        request.Cookies[HostName] is { } host ? Hash(host, isHost: true)
        : request.Cookies[PlainName] is { } plain ? Hash(plain, isHost: false)
        : null;

    /// <summary>A new token.</summary>
    public static IssuedToken Issue(HttpRequest request)
    {
        var text = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenLength));
        return new IssuedToken(text, Hash(text, request.IsHttps)!); // a text of the right length has a hash
    }

    /// <summary>Sets the cookie.</summary>
    public void Append(HttpContext context, IssuedToken token, CrossOriginOptions crossOrigin)
    {
        var options = OptionsFor(context.Request, crossOrigin, lifetime);
        context.Response.Cookies.Append(NameFor(context.Request), token.Text, options);
        DeleteSuperseded(context, crossOrigin);
    }

    /// <summary>Deletes the cookie, whether or not the request carries it.</summary>
    public void Delete(HttpContext context, CrossOriginOptions crossOrigin)
    {
        var options = OptionsFor(context.Request, crossOrigin, maxAge: null);
        context.Response.Cookies.Delete(NameFor(context.Request), options);
        DeleteSuperseded(context, crossOrigin);
    }

    // Deletes a cookie that was set under the plain name before the server was reached over https.
    private void DeleteSuperseded(HttpContext context, CrossOriginOptions crossOrigin)
    {
        if (context.Request.IsHttps && context.Request.Cookies.ContainsKey(PlainName))
        {
            context.Response.Cookies.Delete(PlainName, OptionsFor(context.Request, crossOrigin, maxAge: null));
        }
    }

    private string NameFor(HttpRequest request) => request.IsHttps ? HostName : PlainName;

    // Between sites a cookie travels only as "SameSite=None; Secure", and Secure only over https.
    private static CookieOptions OptionsFor(HttpRequest request, CrossOriginOptions crossOrigin, TimeSpan? maxAge)
    {
        var isBetweenSites = request.IsHttps && Site.HasOther(request, crossOrigin.Origins);
        return new CookieOptions
        {
            HttpOnly = true,
            IsEssential = true,
            MaxAge = maxAge,
            Path = "/",
            SameSite = isBetweenSites ? SameSiteMode.None : SameSiteMode.Lax,
            Secure = request.IsHttps,
        };
    }

    // A token that was issued under one name is invalid under the other. So a neighbouring host, which can set the
    // plain name, cannot plant a token that it got over https.
    private static byte[]? Hash(string text, bool isHost)
    {
        Span<byte> token = stackalloc byte[TokenLength + 1];
        var status = Base64Url.DecodeFromChars(text, token[..TokenLength], out _, out var length);
        token[TokenLength] = 1;
        return status != OperationStatus.Done || length != TokenLength ? null
            : SHA256.HashData(isHost ? token : token[..TokenLength]);
    }
}

/// <summary>A token as it was issued.</summary>
/// <param name="Text">The cookie's value.</param>
/// <param name="Hash">What the database keeps, 32 bytes.</param>
internal sealed record IssuedToken(string Text, byte[] Hash)
{
    /// <summary>Only the name of the type: the token must not get into a log by accident.</summary>
    public override string ToString() => nameof(IssuedToken);
}
