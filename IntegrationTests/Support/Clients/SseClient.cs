using System.Text.Json.Nodes;

namespace Kaffediem.IntegrationTests.Support.Clients;

/// <summary>An event as it was dispatched: with the last id known by then (WHATWG HTML, 9.2.6).</summary>
internal sealed record SseEvent(string Name, string LastEventId, string Text)
{
    public JsonNode Data { get; } = JsonNode.Parse(Text)!;

    public string Collection => (string)Data["collection"]!;

    public long Seq => (long)Data["seq"]!;

    /// <summary>The seq in the id; 0 while there is none.</summary>
    public long Position => LastEventId.Length == 0 ? 0 : long.Parse(LastEventId.Split(':')[1], null);
}

/// <summary>Reads a stream of server-sent events line by line, and only on request.</summary>
internal sealed class SseClient : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _lines;

    private SseClient(HttpResponseMessage response, Stream body) =>
        (_response, _lines) = (response, new StreamReader(body));

    public int Status => (int)_response.StatusCode;

    public string LastEventId { get; private set; } = "";

    /// <param name="http">The browser, whose <c>BaseAddress</c> is the server.</param>
    /// <param name="query">For example <c>collections=order</c>.</param>
    /// <param name="lastEventId">The last id of the previous stream.</param>
    public static async Task<SseClient> OpenAsync(HttpClient http, string query, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/events?{query}");
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (lastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }

        var response = await http.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Patience.Limit);
        return new SseClient(response, await response.Content.ReadAsStreamAsync()) { LastEventId = lastEventId ?? "" };
    }

    /// <summary>The value of a header; <c>null</c> without it.</summary>
    public string? Header(string name) =>
        _response.Headers.TryGetValues(name, out var values) || _response.Content.Headers.TryGetValues(name, out values)
            ? string.Join(", ", values)
            : null;

    /// <summary>The whole body of an answer that is not a stream.</summary>
    public Task<string> ReadToEndAsync() => _lines.ReadToEndAsync().WaitAsync(Patience.Limit);

    /// <summary>The next line; <c>null</c> at the end.</summary>
    public Task<string?> ReadLineAsync() => _lines.ReadLineAsync().WaitAsync(Patience.Limit);

    /// <summary>The next event; <c>null</c> at the end.</summary>
    public async Task<SseEvent?> ReadAsync()
    {
        var (name, data) = ("message", "");
        while (await ReadLineAsync() is { } line)
        {
            if (line.Length == 0 && data.Length > 0)
            {
                return new SseEvent(name, LastEventId, data);
            }

            var value = line.Contains(": ", StringComparison.Ordinal)
                ? line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..]
                : "";
            switch (line.Split(':')[0])
            {
                case "id": LastEventId = value; break;
                case "event": name = value; break;
                case "data": data += value; break;
                case "retry" or "": break;
                default: Assert.Fail($"no line of an event stream: {line}"); break;
            }
        }

        return null;
    }

    public void Dispose()
    {
        _lines.Dispose();
        _response.Dispose();
    }
}
