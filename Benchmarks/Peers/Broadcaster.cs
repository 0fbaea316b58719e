using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Kaffediem.Benchmarks.Peers;

/// <summary>
/// A server that does nothing but broadcast, to show what .NET can reach with each way of sending. It has no protocol,
/// no limits, no close handshake and no TLS. It answers every client frame as a join, and broadcasts every POST as an
/// order.
/// </summary>
internal sealed class Broadcaster(Func<HttpContext, Task<IPeerConnection>> accept)
{
    private static readonly PeerFrame Joined = PeerFrame.Text(
        """["1","1","collection:order","phx_reply",{"status":"ok","response":{"items":[]}}]""");

    // Guards the list and the seq, so that all subscribers get all changes in the same order.
    private readonly Lock _lock = new();
    private readonly List<IPeerConnection> _connections = [];
    private long _seq;

    /// <summary>One <c>SendAsync</c> per frame, the textbook way.</summary>
    public static Broadcaster Frame() =>
        new(async context => new FrameConnection(await context.WebSockets.AcceptWebSocketAsync()));

    /// <summary>One write for everything queued.</summary>
    public static Broadcaster Coalesce() =>
        new(async context => new CoalescingConnection(await UpgradedStream.AcceptAsync(context)));

    /// <summary>One thread with non-blocking sends.</summary>
    public static Broadcaster Flush()
    {
        var thread = new FlushThread();
        return new(async context =>
        {
            var stream = await UpgradedStream.AcceptAsync(context);
            var socket = context.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;
            return new FlushedConnection(stream, socket, thread);
        });
    }

    public void Map(WebApplication app)
    {
        app.MapPost("/{**any}", PostAsync);
        app.Map("/socket/websocket", SubscribeAsync);
    }

    private async Task PostAsync(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        var answer = Encoding.UTF8.GetBytes(Broadcast());
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer, context.RequestAborted);
    }

    private string Broadcast()
    {
        lock (_lock)
        {
            var change = SampleOrder.Change(++_seq);
            var frame = PeerFrame.Text($"""[null,null,"collection:order","change",{change}]""");
            _connections.ForEach(connection => connection.Send(frame));
            return change;
        }
    }

    private async Task SubscribeAsync(HttpContext context)
    {
        var connection = await accept(context);
        lock (_lock)
        {
            _connections.Add(connection);
        }

        try
        {
            while (await connection.ReceiveAsync(context.RequestAborted))
            {
                connection.Send(Joined);
            }
        }
        catch (Exception exception) when (exception is IOException or WebSocketException or OperationCanceledException)
        {
            // The client has gone.
        }
        finally
        {
            lock (_lock)
            {
                _connections.Remove(connection);
            }
        }
    }
}
