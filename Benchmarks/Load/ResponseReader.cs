using System.Buffers.Text;
using System.Text;

namespace Kaffediem.Benchmarks.Load;

/// <summary>Extracts HTTP/1.1 responses from the bytes read: status line, Content-Length, body.</summary>
internal sealed class ResponseReader
{
    // RFC 9112 §4: "HTTP/1.1 201 Created"
    private const int StatusOffset = 9;

    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>The buffer for the next bytes.</summary>
    public Span<byte> Free
    {
        get
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            return _buffer.AsSpan(_end);
        }
    }

    public void Advance(int count) => _end += count;

    /// <summary>Extracts the next response, if it is complete.</summary>
    public bool TryRead(out int status)
    {
        status = 0;
        var data = _buffer.AsSpan(_start, _end - _start);
        var headEnd = data.IndexOf("\r\n\r\n"u8);
        if (headEnd < 0)
        {
            return false;
        }

        var length = headEnd + 4 + ContentLength(data[..headEnd]);
        if (data.Length < length)
        {
            return false;
        }

        _start += length;
        return Utf8Parser.TryParse(data[StatusOffset..], out status, out _);
    }

    private static int ContentLength(ReadOnlySpan<byte> head)
    {
        var name = "\r\nContent-Length: "u8;
        var at = head.IndexOf(name);
        return at >= 0 && Utf8Parser.TryParse(head[(at + name.Length)..], out int length, out _)
            ? length
            : throw new NotSupportedException($"No Content-Length: {Encoding.UTF8.GetString(head)}");
    }
}
