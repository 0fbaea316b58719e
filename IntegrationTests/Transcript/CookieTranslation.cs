namespace Kaffediem.IntegrationTests.Transcript;

/// <summary>
/// The session cookie that the transcript's client sends is one that only the old back end knows: sends ours instead.
/// </summary>
internal sealed class CookieTranslation
{
    // How much of a tampered cookie is still the real one.
    private const int TamperedLength = 2;

    private string? _before;
    private string? _now;

    /// <summary>Remembers which cookie of ours came where the old back end set its own.</summary>
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
