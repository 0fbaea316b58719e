using System.Net.Sockets;

namespace Kaffediem.Benchmarks.Peers;

/// <summary>
/// Sends ready-made frames: everything queued leaves in one non-blocking send on the connection's own socket.
/// </summary>
internal sealed class FlushedConnection : IPeerConnection
{
    private readonly FrameQueue _queue = new();
    private readonly UpgradedStream _stream;
    private readonly Socket _socket;
    private readonly FlushThread _thread;

    public FlushedConnection(UpgradedStream stream, Socket socket, FlushThread thread)
    {
        _stream = stream;
        _socket = socket;
        _thread = thread;
        _socket.Blocking = false;
    }

    public void Send(PeerFrame frame)
    {
        if (_queue.Enqueue(frame))
        {
            _thread.Add(this);
        }
    }

    public Task<bool> ReceiveAsync(CancellationToken cancellationToken) => _stream.ReceiveAsync(cancellationToken);

    /// <summary>Sends the queued frames. Called by the flush thread only.</summary>
    public void Flush(byte[] buffer)
    {
        while (_queue.TryDequeueAll(buffer, out var bytes))
        {
            var sent = _socket.Send(bytes.Span, SocketFlags.None, out var error);
            if (error is not (SocketError.Success or SocketError.WouldBlock))
            {
                return; // the client has gone
            }

            sent = Math.Max(0, sent);
            if (sent < bytes.Length)
            {
                _ = SendRestAsync(bytes[sent..].ToArray());
                return;
            }
        }
    }

    // The kernel's buffer is full: wait for room outside the flush thread, then mark the connection again.
    private async Task SendRestAsync(ReadOnlyMemory<byte> rest)
    {
        try
        {
            while (!rest.IsEmpty)
            {
                rest = rest[await _socket.SendAsync(rest)..];
            }

            _thread.Add(this);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The client has gone.
        }
    }
}
