namespace Kaffediem.Benchmarks.Load;

/// <summary>
/// Extracts the payloads of frames from the bytes read. It copies only the rest that waits for the next read, into a
/// buffer that it reuses. Of a long payload, such as a snapshot, it keeps and returns only the beginning.
/// </summary>
internal sealed class MessageReader
{
    private const int LongPayloadBytes = 16 * 1024;
    private const int LongHeadBytes = 256;

    private byte[] _rest = [];
    private int _restLength;
    private long _skip;

    /// <summary>Copies the kept bytes to the beginning of the buffer.</summary>
    /// <returns>Their number.</returns>
    public int Restore(Span<byte> buffer)
    {
        if (_skip > 0)
        {
            return 0; // the kept bytes are the head of a long payload
        }

        _rest.AsSpan(0, _restLength).CopyTo(buffer);
        return _restLength;
    }

    /// <summary>Extracts the payload at the beginning of the data, if it is complete.</summary>
    public bool TryRead(ref ReadOnlySpan<byte> data, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        if (_skip > 0)
        {
            return TryFinishLong(ref data, out payload);
        }

        while (ServerFrame.TryRead(data, out var frame))
        {
            var available = data.Length - frame.HeaderBytes;
            if (available < frame.PayloadBytes)
            {
                BeginLong(ref data, frame);
                return false;
            }

            payload = data.Slice(frame.HeaderBytes, (int)frame.PayloadBytes);
            data = data[(frame.HeaderBytes + payload.Length)..];
            if (frame.IsData)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Keeps the unused rest until more has been read.</summary>
    public void Keep(ReadOnlySpan<byte> data)
    {
        if (_skip > 0)
        {
            return;
        }

        if (_rest.Length < data.Length)
        {
            _rest = new byte[data.Length * 2];
        }

        data.CopyTo(_rest);
        _restLength = data.Length;
    }

    private void BeginLong(ref ReadOnlySpan<byte> data, ServerFrame frame)
    {
        var beginning = data[frame.HeaderBytes..];
        if (frame.PayloadBytes < LongPayloadBytes || beginning.Length < LongHeadBytes)
        {
            return;
        }

        Keep(beginning[..LongHeadBytes]);
        _skip = frame.PayloadBytes - beginning.Length;
        data = default;
    }

    private bool TryFinishLong(ref ReadOnlySpan<byte> data, out ReadOnlySpan<byte> payload)
    {
        var skipped = (int)Math.Min(_skip, data.Length);
        _skip -= skipped;
        data = data[skipped..];
        payload = _rest.AsSpan(0, LongHeadBytes);
        return _skip == 0;
    }
}
