using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>An attacker at one address, with any number of connections.</summary>
/// <param name="server">The server.</param>
/// <param name="from">Its own IPv4 address.</param>
/// <param name="answers">Counts the answers.</param>
/// <param name="forwarded">The client's address as a proxy reports it; <c>null</c> without a proxy.</param>
internal sealed class Attacker(
    Uri server, IPAddress from, Answers answers, Func<string>? forwarded = null) : IDisposable
{
    private const string SocketQuery = "/socket/websocket?vsn=2.0.0";
    private const string ForwardedFor = "X-Forwarded-For";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly HttpClient _http = CreateHttp(server, from);

    public IPAddress From => from;

    /// <summary>How many bytes the kernel buffers for each of its connections; <c>null</c>: its default.</summary>
    public int? ReceiveBuffer { private get; set; }

    /// <summary>Called with every answer that is read to its end (default: does nothing).</summary>
    public Action<HttpResponseMessage> Look { private get; set; } = _ => { };

    /// <summary>Sends a request and reads its answer to the end.</summary>
    /// <returns>The status; 0 if the server has ended the connection.</returns>
    public async Task<int> AskAsync(
        string method, string path, string? json, CancellationToken stop, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Content = json is null ? null : new StringContent(json, MediaTypeHeaderValue.Parse("application/json"));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (forwarded is not null && !request.Headers.Contains(ForwardedFor))
        {
            request.Headers.TryAddWithoutValidation(ForwardedFor, forwarded());
        }

        return await TryAsync(async () =>
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
            Look(response);
            await response.Content.CopyToAsync(Stream.Null, stop);
            return (int)response.StatusCode;
        });
    }

    public Task<int> GetAsync(string path, CancellationToken stop, params (string Name, string Value)[] headers) =>
        AskAsync("GET", path, json: null, stop, headers);

    /// <summary>Repeats an act until it is stopped, a number of times at once.</summary>
    public static Task RepeatAsync(int atOnce, Func<Task> act, CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, atOnce).Select(async _ =>
        {
            await Task.Yield();
            while (!stop.IsCancellationRequested)
            {
                await act();
            }
        }));

    /// <summary>Sends a request on a new connection; the caller reads the answer.</summary>
    /// <param name="requestLine">Method and path.</param>
    /// <param name="lines">Further lines of the head.</param>
    /// <returns>The connection; <c>null</c> if the server has ended it.</returns>
    public async Task<RawConnection?> SendAsync(string requestLine, params IEnumerable<string> lines)
    {
        RawConnection? line = null;
        await TryAsync(async () =>
        {
            line = await ConnectAsync();
            await line.SendAsync(Head(requestLine, lines));
            return null;
        });
        return line;
    }

    /// <summary>Opens a WebSocket.</summary>
    /// <returns>The connection; <c>null</c> if it was refused.</returns>
    public async Task<RawConnection?> OpenSocketAsync(CancellationToken stop, params IEnumerable<string> lines)
    {
        var line = await SendAsync(
            $"GET {SocketQuery}",
            [
                "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", .. lines,
            ]);
        if (line is null || await ReadStatusAsync(line, stop) == 101)
        {
            return line;
        }

        line.Dispose();
        return null;
    }

    /// <summary>Reads the head of an answer.</summary>
    /// <returns>The status; 0 if the server has ended the connection.</returns>
    public Task<int> ReadStatusAsync(RawConnection line, CancellationToken stop) => TryAsync(async () =>
        RawConnection.StatusOf(await line.ReadHeadAsync(stop)));

    /// <summary>Sends messages over a WebSocket that may be closed.</summary>
    public static Task<bool> TrySendAsync(RawConnection line, params IReadOnlyList<string> texts) => IsDoneAsync(() =>
        line.SendAsync([.. texts.SelectMany(text => FrameClient.Frame(Framing.Text, Encoding.UTF8.GetBytes(text)))]));

    /// <summary>Opens a WebSocket, sends messages, and reads for some time.</summary>
    public async Task SayAsync(IEnumerable<string> messages, TimeSpan reading, CancellationToken stop)
    {
        using var line = await OpenSocketAsync(stop);
        if (line is not null && await TrySendAsync(line, [.. messages]))
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
            patience.CancelAfter(reading);
            await IsDoneAsync(() => line.DrainAsync(patience.Token));
        }
    }

    /// <summary>Resets a connection after some time, without reading from it.</summary>
    public static async Task LeaveAsync(RawConnection? line, TimeSpan after, CancellationToken stop)
    {
        await Task.WhenAny(Task.Delay(after, stop));
        line?.Reset();
    }

    /// <summary>Runs an act that fails when the server ends the connection or the attack is over.</summary>
    /// <returns>Whether it succeeded.</returns>
    public static async Task<bool> IsDoneAsync(Func<Task> act)
    {
        try
        {
            await act();
            return true;
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            return false;
        }
    }

    public void Dispose() => _http.Dispose();

    private static bool IsEnd(Exception exception) =>
        exception is IOException or HttpRequestException or SocketException or OperationCanceledException
            or ObjectDisposedException;

    private static HttpClient CreateHttp(Uri server, IPAddress from)
    {
        var handler = RestClient.HandlerFrom(from);
        handler.UseCookies = false;
        return new HttpClient(handler) { BaseAddress = server, Timeout = Patience };
    }

    private Task<RawConnection> ConnectAsync() => RawConnection.ConnectAsync(server, from, ReceiveBuffer);

    private string Head(string requestLine, IEnumerable<string> lines)
    {
        var all = lines.ToList();
        if (forwarded is not null)
        {
            all.Add($"{ForwardedFor}: {forwarded()}");
        }

        if (!all.Exists(line => line.StartsWith("Host:", StringComparison.Ordinal)))
        {
            all.Add($"Host: {server.Authority}");
        }

        return $"{requestLine} HTTP/1.1\r\n{string.Concat(all.Select(line => $"{line}\r\n"))}\r\n";
    }

    // A request that the end of the attack aborts is not counted.
    private async Task<int> TryAsync(Func<Task<int?>> ask)
    {
        try
        {
            if (await ask() is not { } status)
            {
                return 0;
            }

            answers.Add(status);
            return status;
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            answers.Add(0);
            return 0;
        }
    }

    private Task<int> TryAsync(Func<Task<int>> ask) => TryAsync(async () => (int?)await ask());
}
