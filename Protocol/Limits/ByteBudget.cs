namespace Kaffediem.Protocol;

/// <summary>
/// How many bytes may wait for one client. Replies have a bound of their own, because the client asked for them, and
/// the reply to a join is a whole snapshot: if that counted together with broadcasts, a client with a long list would
/// be cut off at every attempt to join. Not thread-safe: it belongs to one outbox.
/// </summary>
internal struct ByteBudget(int maxBytes)
{
    private const int ReplyFactor = 16;

    private long _bytes;
    private long _replyBytes;

    public readonly long Total => _bytes + _replyBytes;

    // One frame always fits, however long: a snapshot must reach its client.
    public readonly bool Fits(int length, bool isReply)
    {
        var (pending, max) = isReply ? (_replyBytes, (long)maxBytes * ReplyFactor) : (_bytes, maxBytes);
        return pending == 0 || pending + length <= max;
    }

    public void Add(int length, bool isReply)
    {
        if (isReply)
        {
            _replyBytes += length;
        }
        else
        {
            _bytes += length;
        }
    }

    public void Remove(int length, bool isReply) => Add(-length, isReply);

    public void Clear() => (_bytes, _replyBytes) = (0, 0);
}
