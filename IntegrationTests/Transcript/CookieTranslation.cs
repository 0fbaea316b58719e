namespace Kaffediem.IntegrationTests.Transcript;

/// <summary>The transcript's client sends a session cookie that only Kaffebase knows: sends ours instead.</summary>
internal sealed class CookieTranslation
{
    // How many characters of a tampered cookie are changed.
    private const int TamperedLength = 2;

    private string? _before;
    private string? _now;

    /// <summary>Remembers the cookie of ours that was set where Kaffebase set its own.</summary>
    public void Learn(HttpText before, HttpText now)
    {
        if (before.Header("Set-Cookie") is { } old && now.Header("Set-Cookie") is { } young && before.Status == 200)
        {
            (_before, _now) = (old.Split(';')[0], young.Split(';')[0]);
        }
    }

    public HttpText Translate(HttpText request) => request with
    {
        Headers =
        [
            .. request.Headers.Select(
                header => header.Name == "Cookie" ? (header.Name, Translate(header.Value)) : header),
        ],
    };

    private string Translate(string cookie) => (_before, _now) switch
    {
        ({ } before, { } now) when cookie == before => now,
        ({ } before, { } now) when cookie.StartsWith(before[..^TamperedLength], StringComparison.Ordinal) =>
            string.Concat(now[..^TamperedLength], cookie[^TamperedLength..]),
        (_, { } now) => $"{now.Split('=')[0]}={cookie.Split('=', 2)[1]}",
        _ => cookie,
    };
}
