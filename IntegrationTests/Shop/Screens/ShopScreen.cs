using Kaffediem.IntegrationTests.Shop.Logs;
using Kaffediem.IntegrationTests.Shop.Servers;

namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>
/// A screen with some topics. What it is told to do it does one after the other, but it does not wait for answers: only
/// at a quiet moment must they all have come. It comes back by itself, as phoenix.js does.
/// </summary>
internal sealed class ShopScreen(string name, Wire wire, RestartingShop shop, Tally tally, Faults faults)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // Guards _topics, _isOpen and _received: the reader writes them, and who waits for quiet looks at them. The rest
    // belongs to what the screen is doing.
    private readonly Lock _lock = new();
    private readonly ScreenTopics _topics = new(tally);
    private bool _isOpen;
    private TaskCompletionSource? _received;
    private ScreenLine? _line;
    private Task _reading = Task.CompletedTask;
    private Task _doing = Task.CompletedTask;

    /// <summary>Whether it is switched off until it is told something else.</summary>
    public bool IsAway { get; set; }

    /// <summary>Ends when it has done what it was told.</summary>
    public Task Done => _doing;

    public override string ToString() => $"{name} ({wire})";

    /// <summary>Tells it to do something.</summary>
    public void Do(Func<Task> what) => _doing = ThenAsync(_doing, what);

    /// <summary>Joins, whether it has joined before or not.</summary>
    /// <param name="view">What it wants to see.</param>
    /// <param name="since">From where on.</param>
    /// <param name="pick">Which of what it has shown is meant by <see cref="ResumeFrom.Earlier"/>.</param>
    public async Task JoinAsync(ScreenView view, ResumeFrom since, int pick)
    {
        await ReturnAsync();
        var topic = Get(view.Collection);
        topic.Wanted = view;
        await SendJoinAsync(topic, view, since, pick);
    }

    /// <summary>Joins anew, and waits for what it is answered.</summary>
    public async Task<ScreenState> JoinFreshAsync(ScreenView view)
    {
        await JoinAsync(view, ResumeFrom.Nothing, pick: 0);
        while (NextUnless(() => _topics.IsAnswered) is { } next)
        {
            await next.WaitAsync(Patience);
        }

        return Get(view.Collection).State!;
    }

    /// <summary>Asks for something that makes no sense.</summary>
    public async Task JoinBadlyAsync(string collection, string payload)
    {
        await ReturnAsync();
        var topic = Get(collection);
        topic.Wanted = null;
        await SendAsync("phx_join", topic, payload, null);
    }

    public async Task LeaveAsync(string collection)
    {
        await ReturnAsync();
        var topic = Get(collection);
        topic.Wanted = null;
        await SendAsync("phx_leave", topic, "{}", null);
    }

    public async Task ReloadAsync(string collection)
    {
        await ReturnAsync();
        if (Get(collection) is { Wanted: { } view } topic)
        {
            await SendAsync("reload", topic, "{}", new JoinRequest(view, ResumeFrom.Nothing, null));
        }
    }

    /// <summary>Loses its connection.</summary>
    public async Task DropAsync()
    {
        _line?.Cut();
        await _reading;
    }

    /// <summary>Connects if it is not, and joins again what it had joined, with what it has.</summary>
    public async Task ReturnAsync()
    {
        if (NextUnless(() => !_isOpen) is not null)
        {
            return;
        }

        await _reading;
        _line?.Dispose();
        (_line, var opening) = await shop.ConnectAsync(wire);
        IReadOnlyList<ScreenTopic> topics;
        lock (_lock)
        {
            _isOpen = true;
            topics = _topics.Wanted;
        }

        _reading = Task.Run(() => ReadAsync(_line, opening));
        foreach (var topic in topics)
        {
            await SendJoinAsync(topic, topic.Wanted!, ResumeFrom.Last, pick: 0);
        }
    }

    /// <summary>Waits until everything is answered and as it must be; it is a fault if it stays wrong.</summary>
    public async Task SettleAsync(QuietMoment quiet, bool isRemembered)
    {
        await ReturnAsync();
        await SendAsync("heartbeat", null, "{}", null);
        string? wrong = null;
        while (NextUnless(() => (wrong = _topics.Mismatch(quiet)) is null) is { } next)
        {
            if (await Task.WhenAny(next, Task.Delay(Patience)) != next)
            {
                faults.Add($"{this} is not as it must be: {wrong}");
                return;
            }

            await ReturnAsync(); // a long-poll session may have ended with the day
        }

        lock (_lock)
        {
            _topics.Settle(quiet, isRemembered);
        }
    }

    public async Task EndAsync()
    {
        await _doing;
        await DropAsync();
        _line?.Dispose();
    }

    private ScreenTopic Get(string collection)
    {
        lock (_lock)
        {
            return _topics.Get(collection);
        }
    }

    /// <returns>What ends with the next message; <c>null</c> when something is so already.</returns>
    private Task? NextUnless(Func<bool> isSo)
    {
        lock (_lock)
        {
            return isSo() ? null : (_received ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    private async Task ThenAsync(Task before, Func<Task> what)
    {
        await before;
        try
        {
            await what();
        }
        catch (Exception exception)
        {
            faults.Add($"{this}: {exception}");
        }
    }

    private Task SendJoinAsync(ScreenTopic topic, ScreenView view, ResumeFrom since, int pick)
    {
        JoinRequest asked;
        lock (_lock)
        {
            asked = topic.Ask(view, since, pick);
        }

        return SendAsync("phx_join", topic, asked.Payload, asked);
    }

    private Task SendAsync(string @event, ScreenTopic? topic, string payload, JoinRequest? asked)
    {
        string? joinRef;
        string @ref;
        lock (_lock)
        {
            if (!_isOpen)
            {
                return Task.CompletedTask; // lost meanwhile: what is wanted is joined on the return
            }

            (joinRef, @ref) = _topics.Ask(@event, topic, asked);
        }

        var name = topic is null ? "phoenix" : $"collection:{topic.Collection}";
        return _line!.SendAsync(joinRef, @ref, name, @event, payload);
    }

    private async Task ReadAsync(ScreenLine line, int opening)
    {
        while (await line.ReadAsync() is var (@ref, topic, @event, payload))
        {
            Locked(() =>
            {
                try
                {
                    _topics.Receive(@ref, topic, @event, payload);
                }
                catch (Exception exception)
                {
                    faults.Add($"{this}, {topic}: {exception.Message} ({exception.GetType().Name}); "
                        + $"what came last: {_topics.Story(topic)}");
                }
            });
        }

        // A long-poll session ends when nobody polls for a while, and on a busy machine that may be.
        var isExpected = line.IsCut || shop.HasClosedSince(opening) || wire.IsLongPoll;
        if (!isExpected || line.CloseCode == 1000)
        {
            faults.Add($"{this} was cut off with {line.CloseCode?.ToString() ?? "no code"}");
        }

        Locked(() =>
        {
            _isOpen = false;
            _topics.Disconnect();
        });
    }

    private void Locked(Action what)
    {
        lock (_lock)
        {
            what();
            _received?.TrySetResult();
            _received = null;
        }
    }
}
