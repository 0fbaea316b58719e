using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Kaffediem.Protocol;

/// <summary>
/// Sends the queued frames of one connection straight to Kestrel's plain socket: from the flush thread without
/// blocking, and off it while the kernel's buffer is full.
/// </summary>
internal sealed class SocketFrameWriter(Socket socket, Outbox outbox, WebSocketTransport transport, FlushLoop flushLoop)
{
    private Task _writing = Task.CompletedTask;

    /// <summary>Sends all that is queued. Called by the flush thread only.</summary>
    /// <param name="buffer">Where small frames are gathered; the next connection's use it, too.</param>
    public void Flush(byte[] buffer)
    {
        while (outbox.TryDequeue(buffer, out var bytes))
        {
            if (TrySend(bytes.Span) is not { } sent)
            {
                transport.Abort();
                return;
            }

            if (sent < bytes.Length)
            {
                // The kernel's buffer is full: wait for it off this thread, with a copy of what lies in its buffer.
                var rest = bytes[sent..];
                _writing = SendRestAsync(IsIn(buffer, rest) ? rest.ToArray() : rest);
                return;
            }
        }

        transport.FinishIfAllSent();
    }

    /// <summary>Drops the connection and its queued frames.</summary>
    public void Abort() => transport.Abort();

    /// <summary>Ends the sending half.</summary>
    public void EndSending()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The client has gone, or the connection was dropped.
        }
    }

    /// <summary>Completes when nothing is being sent off the flush thread.</summary>
    public Task WaitAsync() => _writing;

    private int? TrySend(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var sent = socket.Send(bytes, SocketFlags.None, out var error);
            return error switch
            {
                SocketError.Success => sent,
                SocketError.WouldBlock => 0,
                _ => null,
            };
        }
        catch (ObjectDisposedException)
        {
            return null; // Kestrel has closed the connection in the meantime
        }
    }

    private async Task SendRestAsync(ReadOnlyMemory<byte> rest)
    {
        try
        {
            while (!rest.IsEmpty)
            {
                transport.OnBlocked();
                rest = rest[await socket.SendAsync(WebSocketTransport.Slice(rest), SocketFlags.None)..];
            }

            transport.OnUnblocked();
            flushLoop.Add(this);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            transport.Abort();
        }
    }

    private static bool IsIn(byte[] buffer, ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Array == buffer;
}
