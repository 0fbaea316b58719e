using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Kaffediem.Benchmarks.Processes;

namespace Kaffediem.Benchmarks.Load;

/// <summary>
/// A client in this process that repeatedly orders, lists, joins and leaves. It measures times rather than rates.
/// </summary>
internal sealed class TimedClient(MeasuredServer server) : IDisposable
{
    private readonly HttpClient _http = new();
    private readonly ClientWebSocket _webSocket = new();
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _ref;

    public Task ConnectAsync() => _webSocket.ConnectAsync(
        new Uri($"{server.Url.Replace("http", "ws", StringComparison.Ordinal)}/socket/websocket?vsn=2.0.0"), default);

    /// <summary>
    /// Places an order and deletes it. The number of orders stays the same, but the next join gets a new snapshot.
    /// </summary>
    /// <returns>Milliseconds until the response to the order.</returns>
    public async Task<double> OrderAsync()
    {
        using var body = new StringContent(SampleOrder.Request, new MediaTypeHeaderValue("application/json"));
        var start = Stopwatch.GetTimestamp();
        using var answer = await _http.PostAsync(new Uri($"{server.Url}/api/collections/order/records"), body);
        var elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        using var order = JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
        var id = order.RootElement.GetProperty("id").GetInt64();
        using var gone = await _http.DeleteAsync(new Uri($"{server.Url}/api/collections/order/records/{id}"));
        gone.EnsureSuccessStatusCode();
        return elapsed;
    }

    /// <returns>Milliseconds until the snapshot of today's orders has arrived.</returns>
    public async Task<double> JoinAsync()
    {
        var joinRef = (++_ref).ToString(CultureInfo.InvariantCulture);
        var start = Stopwatch.GetTimestamp();
        await SendAsync(
            $$$"""["{{{joinRef}}}","{{{joinRef}}}","collection:order","phx_join",{"options":{"from_date":"today"}}]""");
        await ReadUntilAsync("\"status\":\"ok\"");
        var elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        await SendAsync($$"""["{{joinRef}}","0","collection:order","phx_leave",{}]""");
        await ReadUntilAsync("phx_close");
        return elapsed;
    }

    /// <returns>Milliseconds until the list of today's orders has arrived.</returns>
    public async Task<double> ListAsync()
    {
        var start = Stopwatch.GetTimestamp();
        using var answer = await _http.GetAsync(new Uri($"{server.Url}/api/collections/order/records?from_date=today"));
        var elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        answer.EnsureSuccessStatusCode();
        return elapsed;
    }

    public void Dispose()
    {
        _webSocket.Dispose();
        _http.Dispose();
    }

    private Task SendAsync(string text) =>
        _webSocket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, default);

    private async Task ReadUntilAsync(string part)
    {
        var message = "";
        while (!message.Contains(part, StringComparison.Ordinal))
        {
            var length = 0;
            WebSocketReceiveResult result;
            do
            {
                result = await _webSocket.ReceiveAsync(
                    new ArraySegment<byte>(_buffer, length, _buffer.Length - length), default);
                length += result.Count;
            }
            while (!result.EndOfMessage);
            message = Encoding.UTF8.GetString(_buffer, 0, length);
        }
    }
}
