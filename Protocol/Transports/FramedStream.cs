using System.Buffers.Binary;
using System.Net.WebSockets;

namespace Kaffediem.Protocol;

/// <summary>
/// What the framework's WebSocket reads from and answers into: reads come from the upgraded stream, writes (pongs, and
/// the close frame after a broken frame) enter the outbox like everything else, since a socket has one writer.
/// Unmasking, fragments, control frames and UTF-8 are then the framework's to get right.
/// </summary>
internal sealed class FramedStream(
    Stream upgraded, WebSocketTransport transport, FrameGuard guard, MessageRate rate) : Stream
{
    private const byte CloseOpcode = 0x8;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var passed = 0;
        if (guard.Fault is null)
        {
            var read = await upgraded.ReadAsync(buffer, cancellationToken);
            transport.OnReceived();
            passed = guard.Pass(buffer.Span[..read]);
        }

        // What came before the refused frame has been dealt with, or the framework would not ask for more.
        if (passed == 0 && guard.Fault is { } fault)
        {
            transport.Close(fault);
            throw new WebSocketException(WebSocketError.Faulted);
        }

        return passed;
    }

    // The framework writes one whole frame at a time from a buffer it uses again: copy it.
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var frame = new Frame(buffer.ToArray());
        if ((buffer.Span[0] & 0x0F) == CloseOpcode)
        {
            transport.Close(frame, ReasonOf(BinaryPrimitives.ReadUInt16BigEndian(buffer.Span[2..])));
        }
        else if (!rate.TryTake())
        {
            transport.Close(CloseReason.TooManyMessages);
        }
        else
        {
            transport.Send(frame);
        }

        return ValueTask.CompletedTask;
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static CloseReason ReasonOf(int code) =>
        code == CloseReason.InvalidText.Code ? CloseReason.InvalidText : CloseReason.ProtocolError with { Code = code };
}
