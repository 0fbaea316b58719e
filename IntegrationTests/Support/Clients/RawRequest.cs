using System.Net.Sockets;
using System.Text;

namespace Kaffediem.IntegrationTests.Support.Clients;

/// <summary>One HTTP request on a connection of its own, whose answer nobody reads.</summary>
internal sealed class RawRequest(TcpClient tcp) : IDisposable
{
    /// <param name="server">The server.</param>
    /// <param name="requestLine">Method and path.</param>
    /// <param name="lines">Further header lines; a body follows an empty one.</param>
    public static async Task<RawRequest> SendAsync(Uri server, string requestLine, params string[] lines)
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(server.Host, server.Port);
        string[] all = [$"{requestLine} HTTP/1.1", $"Host: {server.Authority}", .. lines];
        await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes(string.Join("\r\n", all)));
        return new RawRequest(tcp);
    }

    /// <summary>
    /// Goes while the server waits for the body, many times: before the body's first byte and after it, each with a
    /// reset and without.
    /// </summary>
    /// <param name="server">The server.</param>
    /// <param name="requestLine">Method and path.</param>
    /// <param name="lines">Further header lines.</param>
    public static async Task BreakOffAsync(Uri server, string requestLine, params string[] lines)
    {
        for (var i = 0; i < 100; i++)
        {
            // To an Expect the server answers 100 Continue as soon as it waits for the body.
            using var request = await SendAsync(
                server,
                requestLine,
                [.. lines, "Expect: 100-continue", "Content-Length: 100", "", i % 2 == 0 ? "" : "["]);
            await request.HasAnswerAsync();
            if (i % 4 < 2)
            {
                request.Reset();
            }
        }
    }

    /// <summary>How many bytes of the answer have arrived.</summary>
    public int Available => tcp.Available;

    /// <summary>Completes when the answer, or some of it, has arrived. It stays unread.</summary>
    public async Task HasAnswerAsync() =>
        await tcp.GetStream().ReadAsync(Memory<byte>.Empty).AsTask().WaitAsync(Patience.Limit);

    /// <summary>Completes when the server has cut the connection off, with a reset.</summary>
    public Task IsCutOffAsync() => IsResetAsync(tcp, Patience.Limit);

    /// <summary>Completes when the connection is reset: the one end that a client notices without reading.</summary>
    internal static Task IsResetAsync(TcpClient tcp, TimeSpan patience) =>
        Polling.UntilAsync(() => tcp.Client.Poll(TimeSpan.Zero, SelectMode.SelectError), patience);

    /// <summary>Stops like a client whose plug is pulled: with a reset instead of a goodbye.</summary>
    public void Reset() => tcp.Client.Close(timeout: 0);

    public void Dispose() => tcp.Dispose();
}
