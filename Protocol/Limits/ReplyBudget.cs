namespace Kaffediem.Protocol;

/// <summary>
/// How many bytes of replies may be asked for: a bucket that fills at a steady rate, of which every byte of a reply
/// takes one. A reply's length is known when it is made, so the bucket may owe for the replies that are being made: one
/// of each topic of each connection. It never owes more than it can hold: after an attack, others at the same address
/// are served again as soon as an empty bucket would be full. Thread-safe.
/// </summary>
internal sealed class ReplyBudget(long bytesPerSecond, long burstBytes, TimeProvider time)
{
    // When the bucket is empty at this moment. It lies a full bucket before the present when nothing was taken, and in
    // the future when the bucket owes (the generic cell rate algorithm, ITU-T I.371).
    private long _emptyAt = long.MinValue;

    /// <summary>Whether something is left, so that another reply may be asked for.</summary>
    public bool HasLeft => Volatile.Read(ref _emptyAt) < time.GetTimestamp();

    /// <summary>Whether it is as good as new.</summary>
    public bool IsFull => Volatile.Read(ref _emptyAt) <= time.GetTimestamp() - TicksFor(burstBytes);

    /// <summary>A reply of so many bytes is sent.</summary>
    public void Spend(int bytes)
    {
        var (now, whole) = (time.GetTimestamp(), TicksFor(burstBytes));
        long before, after;
        do
        {
            before = Volatile.Read(ref _emptyAt);
            after = Math.Min(Math.Max(before, now - whole) + TicksFor(bytes), now + whole);
        }
        while (Interlocked.CompareExchange(ref _emptyAt, after, before) != before);
    }

    private long TicksFor(long bytes) => (long)((double)bytes / bytesPerSecond * time.TimestampFrequency);
}
