namespace Kaffediem.Protocol;

/// <summary>
/// The answer to a poll: messages, in order, and the number of the last one. Without messages, nothing came.
/// </summary>
internal sealed record PollResult(IReadOnlyList<Frame> Messages, long LastNumber);

/// <summary>
/// The messages of a long-poll session that the client has not acknowledged. Phoenix forgets messages once it has
/// flushed them, also into a request that was aborted (phoenix@167c469 lib/phoenix/transports/long_poll.ex); here they
/// are sent again. Bounded in bytes. Not thread-safe: the session's lock guards it.
/// </summary>
internal sealed class LongPollOutbox(int maxBytes)
{
    private readonly Queue<Waiting> _messages = new();
    private ByteBudget _pending = new(maxBytes);
    private long _received; // the queue holds the messages after this number
    private PollResult? _answer; // the last one with messages, unless the client abandoned or acknowledged it
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
    /// Forgets the messages that a poll acknowledges. phoenix.js sends its newest token, which proves what it has
    /// received: if it sends an older one, its last answer was lost, for example because the browser repeated a request
    /// whose connection broke. But some clients send the token of the opening on every poll. The connection does not
    /// distinguish the two: a proxy sends the requests of all its clients over the same few. So a client that sends the
    /// opening token again is asked, once: an answer without messages brings it a newer token, and its next poll shows
    /// whether it uses new tokens. If not, its polls acknowledge the answers before them.
    /// </summary>
    /// <param name="received">
    /// The number in the client's token; <see cref="LongPollToken.Opening"/> acknowledges nothing.
    /// </param>
    /// <returns><c>false</c> when the client has to be asked, with <see cref="Nothing"/>.</returns>
    public bool TryAcknowledge(long received)
    {
        _showsNewTokens |= received != LongPollToken.Opening;
        if (_showsNewTokens || _answer is null)
        {
            Forget(received);
            return true;
        }

        if (_hasAsked)
        {
            Forget(_answer.LastNumber);
            return true;
        }

        _hasAsked = true;
        return false;
    }

    /// <summary>All messages, which stay here until they are acknowledged.</summary>
    public PollResult Answer() =>
        _answer = new PollResult([.. _messages.Select(waiting => waiting.Frame)], _received + _messages.Count);

    /// <summary>The client abandoned the poll that this answers.</summary>
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
