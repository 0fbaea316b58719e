using System.Text;
using System.Text.Json.Nodes;

namespace Kaffediem.IntegrationTests.Support.Clients;

/// <summary>
/// Connects over either transport, so that one test body serves both. Plain HTTP: shares no code with the server.
/// </summary>
internal sealed class ConnectAttempt : IDisposable
{
    private readonly IDisposable? _connection;

    private ConnectAttempt(string transport, int httpStatus, string body, IDisposable? connection) =>
        (Transport, HttpStatus, Body, _connection) = (transport, httpStatus, body, connection);

    public string Transport { get; }

    public int HttpStatus { get; }

    /// <summary>The body of a long-poll answer.</summary>
    public string Body { get; }

    /// <summary>The real status: HTTP's, or the one in the JSON if that is 200 (docs/protocol.md, "Answers").</summary>
    public int Status => HttpStatus == 200 ? (int)JsonNode.Parse(Body)!["status"]! : HttpStatus;

    /// <summary>101, or 410 over long-poll, its normal opening answer.</summary>
    public bool IsLetIn => Status == (Transport == "websocket" ? 101 : 410);

    /// <summary>The token of the long-poll session.</summary>
    public string Token => (string)JsonNode.Parse(Body)!["token"]!;

    /// <summary>The frames of the WebSocket.</summary>
    public FrameClient Frames => (FrameClient)_connection!;

    public static async Task<ConnectAttempt> MakeAsync(
        PhoenixApp app,
        string transport,
        string query = "vsn=2.0.0",
        string mount = "/socket",
        params (string Name, string? Value)[] headers)
    {
        var path = $"{mount}/{transport}{(query.Length > 0 ? "?" : "")}{query}";
        if (transport == "websocket")
        {
            var frames = await FrameClient.ConnectAsync(app.Address, path, "GET", headers);
            return new ConnectAttempt(transport, frames.Status, "", frames);
        }

        using var answer = await SendAsync(app, "GET", path, null, headers);
        return new ConnectAttempt(transport, (int)answer.StatusCode, await answer.Content.ReadAsStringAsync(), null);
    }

    /// <summary>One HTTP request with only the given headers.</summary>
    public static async Task<HttpResponseMessage> SendAsync(
        PhoenixApp app, string method, string path, HttpContent? body, params (string Name, string? Value)[] headers)
    {
        using var http = new HttpClient(
            new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 });
        using var request = new HttpRequestMessage(
            new HttpMethod(method), new Uri(app.Address, path)) { Content = body };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var answer = await http.SendAsync(request);
        await answer.Content.LoadIntoBufferAsync();
        return answer;
    }

    public void Dispose() => _connection?.Dispose();
}
