using System.Buffers.Binary;

namespace Kaffediem.Protocol;

/// <summary>
/// What the framework's WebSocket reads from and answers into: reads come from the upgraded stream, writes (pongs, and
/// the close frame after a broken frame) enter the outbox like everything else, since a socket has one writer.
/// Masking, fragments, control frames and UTF-8 are then the framework's to get right.
/// </summary>
internal sealed class FramedStream(Stream upgraded, WebSocketTransport transport, MessageRate rate) : Stream
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
        var read = await upgraded.ReadAsync(buffer, cancellationToken);
        transport.OnReceived();
        return read;
    }

    // The framework writes one whole frame at a time from a buffer it uses again: copy it.
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var frame = new Frame(buffer.ToArray());
        if ((buffer.Span[0] & 0x0F) == CloseOpcode)
        {
            transport.Close(frame, CloseReason.ProtocolError with { Code = BinaryPrimitives.ReadUInt16BigEndian(buffer.Span[2..]) });
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
}
