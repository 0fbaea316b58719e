namespace Kaffediem.Protocol.Testing;

/// <summary>The messages that a client has received, in order, and nobody has expected yet.</summary>
internal sealed class Inbox(TimeSpan patience, LoggedErrors errors)
{
    // Guards everything below, for a few instructions at a time: the server adds from any thread.
    private readonly Lock _lock = new();
    private readonly List<ClientMessage> _messages = [];
    private TaskCompletionSource _change = NewChange();
    private int? _closeCode;

    public void Add(ClientMessage message)
    {
        lock (_lock)
        {
            _messages.Add(message);
            Signal();
        }
    }

    public void Close(int code)
    {
        lock (_lock)
        {
            _closeCode = code;
            Signal();
        }
    }

    /// <summary>Takes the first message that matches, as soon as it is there.</summary>
    /// <param name="matches">Which message.</param>
    /// <param name="rulesOut">A message after which no such message can come.</param>
    /// <param name="expected">The expectation, in words.</param>
    public async Task<ClientMessage> TakeAsync(
        Predicate<ClientMessage> matches, Predicate<ClientMessage> rulesOut, string expected)
    {
        ClientMessage? found = null;
        await WaitAsync(
            () => TryTake(matches, out found) || _closeCode is not null || _messages.Exists(rulesOut), expected);
        return found ?? throw Failure($"Expected {expected}, which cannot come any more.");
    }

    /// <summary>Waits for the end of the connection.</summary>
    public async Task<int> TakeCloseCodeAsync()
    {
        await WaitAsync(() => _closeCode is not null, "the connection to be closed");
        return _closeCode!.Value; // set once, before the wait ends
    }

    /// <exception cref="PhoenixTestException">A message matches.</exception>
    public void RequireNone(Predicate<ClientMessage> matches, string unexpected)
    {
        lock (_lock)
        {
            if (_messages.Find(matches) is { } message)
            {
                throw Failure($"Expected no {unexpected}, but got {message}.");
            }
        }
    }

    public PhoenixTestException Failure(string message)
    {
        lock (_lock)
        {
            var unread = _messages.Count == 0
                ? "The client has received nothing that was not expected."
                : "Not expected yet:\n  " + string.Join("\n  ", _messages);
            var closed = _closeCode is { } code ? $"\nThe connection was closed with {code}." : "";
            return new PhoenixTestException($"{message}\n{unread}{closed}{errors}");
        }
    }

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Signal()
    {
        _change.TrySetResult();
        _change = NewChange();
    }

    private bool TryTake(Predicate<ClientMessage> matches, out ClientMessage? found)
    {
        var index = _messages.FindIndex(matches);
        found = index < 0 ? null : _messages[index];
        if (index >= 0)
        {
            _messages.RemoveAt(index);
        }

        return index >= 0;
    }

    private async Task WaitAsync(Func<bool> isDone, string expected)
    {
        using var timeout = new CancellationTokenSource(patience);
        while (true)
        {
            Task change;
            lock (_lock)
            {
                if (isDone())
                {
                    return;
                }

                change = _change.Task;
            }

            await change.WaitAsync(timeout.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (timeout.IsCancellationRequested)
            {
                throw Failure($"Expected {expected}, which did not come within {patience.TotalSeconds} s.");
            }
        }
    }
}
