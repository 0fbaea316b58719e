namespace Kaffediem.Benchmarks.Load;

/// <summary>
/// The <c>seq</c> of a change. Every server of the benchmarks ends the change with it: <c>…,"seq":17}]</c>.
/// </summary>
internal static class ChangeSeq
{
    private static ReadOnlySpan<byte> Name => "\"seq\":"u8;

    /// <summary>Reads it from the end of the message, without parsing the rest.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out long seq)
    {
        var end = message.Length;
        while (end > 0 && message[end - 1] is (byte)'}' or (byte)']')
        {
            end--;
        }

        seq = 0;
        var start = end;
        for (long unit = 1; start > 0 && char.IsAsciiDigit((char)message[start - 1]); unit *= 10)
        {
            start--;
            seq += unit * (message[start] - '0');
        }

        return start < end && message[..start].EndsWith(Name);
    }
}
