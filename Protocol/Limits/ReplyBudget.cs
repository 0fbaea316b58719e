namespace Kaffediem.Protocol;

/// <summary>
/// Limits the bytes of replies that a client asks for: a bucket fills at a steady rate, and every byte of a reply costs
/// one token. A reply's length is known only when it is made, so the bucket may owe for the replies that are being
/// made: one of each topic of each connection. It never owes more than it can hold: after an attack, other clients at
/// the same address are served again as soon as an empty bucket would be full. Thread-safe.
/// </summary>
internal sealed class ReplyBudget(long bytesPerSecond, long burstBytes, TimeProvider time)
{
    // When the bucket is empty at this moment. It lies a full bucket in the past when nothing was spent, and in the
    // future when the bucket owes (the generic cell rate algorithm, ITU-T I.371).
    private long _emptyAt = long.MinValue;

    /// <summary>Whether tokens are left, so that the client may ask for another reply.</summary>
    public bool HasLeft => Volatile.Read(ref _emptyAt) < time.GetTimestamp();

    /// <summary>Whether the bucket is full, as at first.</summary>
    public bool IsFull => Volatile.Read(ref _emptyAt) <= time.GetTimestamp() - TicksFor(burstBytes);

    /// <summary>Subtracts the bytes of a reply that is being sent.</summary>
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
