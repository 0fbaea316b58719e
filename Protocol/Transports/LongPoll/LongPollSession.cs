using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Kaffediem.Protocol;

/// <summary>
/// One long-poll client, between its polls too (phoenix@167c469 <c>lib/phoenix/transports/long_poll_server.ex</c>;
/// docs/protocol.md, "Long-poll").
/// </summary>
[SuppressMessage(
    "Reliability", "CA1001", Justification = "A SemaphoreSlim whose wait handle is not used holds nothing.")]
internal sealed class LongPollSession(LongPollSessions sessions, bool isReopened, SocketServices services) : ITransport
{
    // One POST at a time: a socket's messages are received in order.
    private readonly SemaphoreSlim _receiving = new(1);

    // Guards everything below, for a few instructions at a time: broadcasters and channels add, polls take.
    private readonly Lock _lock = new();
    private readonly LongPollOutbox _outbox = new(services.Options.MaxOutboxBytes);
    private TaskCompletionSource<bool>? _poll;
    private Action? _onEnd;
    private long _lastPolled = services.Time.GetTimestamp();
    private int _polls; // requests that wait or are being answered
    private bool _isClosing;
    private bool _isProven;
    private SocketSession? _socket;

    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>Its place among the connections, to be given back at its end; <c>null</c> until it is proven.</summary>
    public IDisposable? Place { get; private set; }

    public bool SupportsBinary => false;

    public bool AcceptsRuns => false;

    public bool IsClosing => Volatile.Read(ref _isClosing);

    public long PendingBytes
    {
        get
        {
            lock (_lock)
            {
                return _outbox.PendingBytes;
            }
        }
    }

    /// <summary>Whether it replaces a session that had ended, and the client goes on without joining again.</summary>
    public bool NeverRejoined => isReopened && _socket is { HasJoinedOrSentHeartbeat: false };

    private bool IsOverdue
    {
        get
        {
            lock (_lock)
            {
                return _polls == 0
                    && services.Time.GetElapsedTime(_lastPolled) >= services.Options.LongPollWindow * 1.5;
            }
        }
    }

    /// <summary>Begins to receive.</summary>
    /// <param name="socket">The socket of this client.</param>
    /// <param name="onEnd">
    /// Called once, when the session ends, on a pool thread: the code that ends it may hold locks.
    /// </param>
    public void Open(SocketSession socket, Action onEnd)
    {
        lock (_lock)
        {
            _socket = socket;
            _onEnd = onEnd;
            if (_isClosing)
            {
                ScheduleEnd();
            }
        }
    }

    public void Send(in Frame frame, bool isReply = false)
    {
        lock (_lock)
        {
            if (_isClosing)
            {
                return;
            }

            if (_outbox.TryAdd(frame, isReply))
            {
                EndPoll(isReplaced: false);
                return;
            }
        }

        Close(CloseReason.OutboxFull);
    }

    /// <summary>
    /// Ends it. Messages that wait can still be polled, unless the client was cut off for not reading them.
    /// </summary>
    public void Close(CloseReason reason)
    {
        lock (_lock)
        {
            if (_isClosing)
            {
                return;
            }

            _isClosing = true;
            services.OnClosed(reason);
            if (reason.DropsQueued)
            {
                _outbox.Clear();
            }

            ScheduleEnd();
            EndPoll(isReplaced: false);
        }
    }

    public void CloseIfOverdue()
    {
        if (IsOverdue)
        {
            Drop(CloseReason.Idle); // also one that has ended and whose last messages were not polled
        }
    }

    /// <summary>Ends it, and drops messages that could still be polled.</summary>
    public void Drop(CloseReason reason)
    {
        Close(reason);
        sessions.Remove(this);
    }

    /// <summary>
    /// The client shows its token. At the first time the session takes a place, or ends if there is none.
    /// </summary>
    /// <returns>Why there is no place; <c>null</c> if there is one.</returns>
    public Refusal? Prove(IPAddress? address, string? user)
    {
        Refusal? refusal;
        lock (_lock)
        {
            if (_isProven || _isClosing)
            {
                return null;
            }

            (Place, refusal) = sessions.TakePlace(address, user);
            _isProven = refusal is null;
        }

        if (refusal is null)
        {
            sessions.OnProven(this);
        }
        else
        {
            Drop(CloseReason.Unproven);
        }

        return refusal;
    }

    /// <summary>Passes a POST's messages to the socket, one after the other.</summary>
    /// <returns>
    /// 200; 408 when one was not handled within <see cref="PhoenixOptions.LongPollWindow"/> and the rest was skipped;
    /// 410 when the session is over.
    /// </returns>
    /// <exception cref="InvalidMessageException">One of them is not a message of the protocol.</exception>
    public async Task<int> ReceiveAsync(IEnumerable<(ReadOnlyMemory<byte> Frame, bool IsBinary)> messages)
    {
        await _receiving.WaitAsync();
        try
        {
            foreach (var (frame, isBinary) in messages)
            {
                if (frame.Length > services.Options.MaxMessageBytes)
                {
                    Close(CloseReason.MessageTooBig);
                    return 410;
                }

                // Not null: the client knows the session's id from an answer, and Open was called before that.
                await _socket!.ReceiveAsync(frame, isBinary).WaitAsync(services.Options.LongPollWindow, services.Time);
            }

            return 200;
        }
        catch (TimeoutException)
        {
            return 408;
        }
        finally
        {
            _receiving.Release();
        }
    }

    /// <summary>
    /// A poll has begun. Until <see cref="LeavePoll"/> its client is not idle, however slowly it reads.
    /// </summary>
    public void EnterPoll()
    {
        lock (_lock)
        {
            _polls++;
        }
    }

    /// <summary>A poll has been answered or abandoned.</summary>
    public void LeavePoll()
    {
        lock (_lock)
        {
            _polls--;
            _lastPolled = services.Time.GetTimestamp();
        }
    }

    /// <summary>Waits for messages. A poll that comes while another waits ends that one.</summary>
    /// <param name="received">The number that the client's token holds.</param>
    /// <param name="cancellationToken">Cancelled when the client has abandoned the poll.</param>
    /// <returns><c>null</c> when the session has ended and no message is left.</returns>
    public async Task<PollResult?> PollAsync(long received, CancellationToken cancellationToken)
    {
        var poll = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            EndPoll(isReplaced: true);
            if (!_outbox.TryAcknowledge(received))
            {
                return _outbox.Nothing;
            }

            if (!_outbox.IsEmpty || _isClosing)
            {
                return Answer();
            }

            _poll = poll;
        }

        var isReplaced = await WaitAsync(poll.Task, cancellationToken);
        lock (_lock)
        {
            return isReplaced ? _outbox.Nothing : Answer();
        }
    }

    /// <summary>The client did not wait for an answer.</summary>
    public void GiveUp(PollResult answer)
    {
        lock (_lock)
        {
            _outbox.GiveUp(answer);
        }
    }

    private async Task<bool> WaitAsync(Task<bool> poll, CancellationToken cancellationToken)
    {
        try
        {
            return await poll.WaitAsync(services.Options.LongPollWindow, services.Time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return false; // nothing came: the client polls again
        }
    }

    private PollResult? Answer() =>
        !_outbox.IsEmpty ? _outbox.Answer() : _isClosing ? null : _outbox.Nothing;

    private void EndPoll(bool isReplaced)
    {
        _poll?.TrySetResult(isReplaced);
        _poll = null;
    }

    private void ScheduleEnd()
    {
        if (_onEnd is { } onEnd)
        {
            _onEnd = null;
            ThreadPool.UnsafeQueueUserWorkItem(static end => end(), onEnd, preferLocal: false);
        }
    }
}
