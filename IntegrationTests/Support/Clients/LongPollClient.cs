using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Kaffediem.IntegrationTests.Support.Clients;

/// <summary>The answer to a long-poll request: HTTP's part, and the JSON of the body.</summary>
internal sealed record PollAnswer(HttpStatusCode HttpStatus, IReadOnlyDictionary<string, string> Headers, string Body)
{
    /// <summary>The real status; 0 if the body is empty, as phoenix.js reads it.</summary>
    public int Status => (int?)Json?["status"] ?? 0;

    public string? Token => (string?)Json?["token"];

    public IReadOnlyList<string> Messages =>
        [.. (Json?["messages"] as JsonArray ?? []).Select(message => (string)message!)];

    private JsonNode? Json => Body.Length > 0 ? JsonNode.Parse(Body) : null;

    public static async Task<PollAnswer> ReadAsync(HttpResponseMessage response)
    {
        var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(
            header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        var body = await response.Content.ReadAsStringAsync();
        return new PollAnswer(response.StatusCode, headers, body);
    }
}

/// <summary>
/// A plain long-poll client that can also send anything invalid: it shares no code with the server. Over TLS it uses
/// HTTP/2.
/// </summary>
internal sealed class LongPollClient : IDisposable
{
    private readonly Uri _server;
    private readonly string _query;
    private readonly HttpClient _http;

    public LongPollClient(Uri server, string query = "vsn=2.0.0", HttpMessageHandler? inMemory = null)
    {
        (_server, _query) = (server, query);
        var handler = new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false };
        handler.SslOptions.RemoteCertificateValidationCallback =
            (_, offered, _, _) => offered?.Subject == "CN=localhost";
        _http = new HttpClient(inMemory ?? handler)
        {
            DefaultRequestVersion = server.Scheme == "https" ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    /// <summary>The token it shows: the newest, unless a test has set an older one.</summary>
    public string? Token { get; set; }

    /// <summary>Like phoenix.js since 1.9; before, the token was in the query.</summary>
    public bool ShowsTokenInHeader { get; init; }

    /// <summary>Headers of every request, for example <c>Cookie</c>.</summary>
    public HttpRequestHeaders Headers => _http.DefaultRequestHeaders;

    /// <summary>The path at which the socket is mapped.</summary>
    public string Mount { get; init; } = "/socket";

    /// <summary>Opens a session.</summary>
    public static async Task<LongPollClient> OpenAsync(Uri server, string query = "vsn=2.0.0", string mount = "/socket")
    {
        var client = new LongPollClient(server, query) { Mount = mount };
        Assert.Equal(410, (await client.PollAsync()).Status);
        return client;
    }

    /// <summary>The same session from another connection.</summary>
    public LongPollClient OnAnotherConnection() =>
        new(_server, _query) { Mount = Mount, Token = Token, ShowsTokenInHeader = ShowsTokenInHeader };

    /// <summary>Polls, and shows the answer's token from now on.</summary>
    public async Task<PollAnswer> PollAsync(CancellationToken cancellationToken = default)
    {
        var answer = await SendAsync("GET", null, cancellationToken);
        Token = answer.Token ?? Token;
        return answer;
    }

    /// <summary>Polls until a number of messages have come.</summary>
    public async Task<IReadOnlyList<string>> ReadAsync(int count)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        List<string> messages = [];
        while (messages.Count < count)
        {
            var answer = await PollAsync(patience.Token);
            Assert.True(answer.Status is 200 or 204, answer.Body);
            messages.AddRange(answer.Messages);
        }

        return messages;
    }

    /// <summary>Sends a batch like phoenix.js since 1.7: one message per line.</summary>
    public Task<PollAnswer> PostAsync(params IEnumerable<string> messages) =>
        PostBodyAsync(string.Join('\n', messages), "application/x-ndjson");

    public Task<PollAnswer> PostBodyAsync(string body, string? contentType)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (contentType is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        return SendAsync("POST", content);
    }

    public async Task<PollAnswer> SendAsync(
        string method,
        HttpContent? content = null,
        CancellationToken cancellationToken = default,
        params (string Name, string Value)[] headers)
    {
        var inQuery = Token is null || ShowsTokenInHeader ? "" : $"&token={Uri.EscapeDataString(Token)}";
        var uri = new Uri(_server, $"{Mount}/longpoll?{_query}{inQuery}");
        using var request = new HttpRequestMessage(new HttpMethod(method), uri)
        {
            Content = content,
            Version = _http.DefaultRequestVersion,
            VersionPolicy = _http.DefaultVersionPolicy,
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        if (ShowsTokenInHeader)
        {
            request.Headers.Add("x-phoenix-longpoll-token", Token);
        }

        using var response = await _http.SendAsync(request, cancellationToken);
        return await PollAnswer.ReadAsync(response);
    }

    public void Dispose() => _http.Dispose();
}
