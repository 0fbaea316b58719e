namespace Kaffediem.Protocol;

/// <summary>What a poll is answered with: messages, in order, and the number of the last one. None: nothing came.</summary>
internal sealed record PollResult(IReadOnlyList<Frame> Messages, long LastNumber);

/// <summary>
/// The messages of a long-poll session that its client has not shown to have got. Phoenix forgets what it flushes into a
/// request that was aborted (spec/protocol.md section 7); here it is sent again. Bounded in bytes. Not thread-safe: it
/// belongs to its session's lock.
/// </summary>
internal sealed class LongPollOutbox(int maxBytes)
{
    private readonly Queue<Waiting> _messages = new();
    private ByteBudget _pending = new(maxBytes);
    private long _received; // the messages kept are those after this number
    private PollResult? _answer; // the last with messages, unless the client gave it up or has shown that it got it
    private string? _answeredOn;
    private bool _showsNewTokens;
    private bool _hasAsked;

    public bool IsEmpty => _messages.Count == 0;

    public long PendingBytes => _pending.Total;

    /// <summary>The answer without messages.</summary>
    public PollResult Nothing => new([], _received);

    /// <returns><c>false</c> when too much waits already.</returns>
    public bool TryAdd(in Frame frame, bool isReply)
    {
        if (!_pending.Fits(frame.Length, isReply))
        {
            return false;
        }

        _messages.Enqueue(new Waiting(frame, isReply));
        _pending.Add(frame.Length, isReply);
        return true;
    }

    /// <summary>
    /// Forgets what a poll shows that the client has got. phoenix.js shows the newest token it has, and that is proof: with
    /// an older one its last answer was lost, as when a browser repeats a request whose connection broke. But there are
    /// clients that show the token of the opening for ever; from them an answer is only known to have arrived when the
    /// next poll comes on its connection. Where neither is known the client is asked: an answer without messages brings it
    /// a newer token, and the next poll tells whether it cares for that.
    /// </summary>
    /// <param name="received">What the client's token says; <see cref="LongPollToken.Opening"/> says nothing.</param>
    /// <param name="connectionId">The connection the poll came on; <c>null</c> where it proves nothing.</param>
    /// <returns><c>false</c> when the client has to be asked, with <see cref="Nothing"/>.</returns>
    public bool TryAcknowledge(long received, string? connectionId)
    {
        _showsNewTokens |= received != LongPollToken.Opening;
        if (_showsNewTokens || _answer is null)
        {
            Forget(received);
            return true;
        }

        if (_hasAsked || (connectionId is not null && connectionId == _answeredOn))
        {
            Forget(_answer.LastNumber);
            return true;
        }

        _hasAsked = true;
        return false;
    }

    /// <summary>All messages, which stay here until they are acknowledged.</summary>
    public PollResult Answer(string? connectionId)
    {
        _answeredOn = connectionId;
        return _answer = new PollResult(
            [.. _messages.Select(waiting => waiting.Frame)], _received + _messages.Count);
    }

    /// <summary>The client did not wait for this answer.</summary>
    public void GiveUp(PollResult answer)
    {
        if (ReferenceEquals(answer, _answer))
        {
            _answer = null;
        }
    }

    public void Clear()
    {
        _messages.Clear();
        _pending.Clear();
    }

    private void Forget(long upTo)
    {
        _answer = null;
        for (; _received < upTo && _messages.TryDequeue(out var waiting); _received++)
        {
            _pending.Remove(waiting.Frame.Length, waiting.IsReply);
        }
    }

    private readonly record struct Waiting(Frame Frame, bool IsReply);
}
