namespace Kaffediem.Protocol;

/// <summary>
/// How many bytes of replies one client may ask for: a bucket that fills at a steady rate, of which every byte of a
/// reply takes one. A reply's length is known when it is made, so the bucket may owe for the replies that are being
/// made: one of each topic. Thread-safe.
/// </summary>
internal sealed class ReplyBudget(PhoenixOptions options, TimeProvider time)
{
    // When the bucket is empty at this moment. It lies a full bucket before the present when nothing was taken, and in
    // the future when the bucket owes (the generic cell rate algorithm, ITU-T I.371).
    private long _emptyAt = long.MinValue;

    /// <summary>Whether something is left, so that the client may ask for another reply.</summary>
    public bool HasLeft => Volatile.Read(ref _emptyAt) < time.GetTimestamp();

    /// <summary>A reply of so many bytes is sent.</summary>
    public void Take(int bytes)
    {
        var full = time.GetTimestamp() - TicksFor(options.MaxReplyBurstBytes);
        long before;
        do
        {
            before = Volatile.Read(ref _emptyAt);
        }
        while (Interlocked.CompareExchange(ref _emptyAt, Math.Max(before, full) + TicksFor(bytes), before) != before);
    }

    private long TicksFor(int bytes) =>
        (long)((double)bytes / options.MaxReplyBytesPerSecond * time.TimestampFrequency);
}
