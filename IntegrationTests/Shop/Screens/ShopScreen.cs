using Kaffediem.IntegrationTests.Shop.Logs;
using Kaffediem.IntegrationTests.Shop.Servers;

namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>
/// A screen that a test directs. It does one thing after another without waiting for answers: only at a quiet moment
/// must all of them have come. It reconnects by itself, as phoenix.js does.
/// </summary>
internal sealed class ShopScreen(string name, Wire wire, RestartingShop shop, Tally tally, Faults faults)
{
    private readonly WatchedTopics _watched = new($"{name} ({wire})", tally, faults, TimeSpan.FromSeconds(30));

    // Read and written under the topics' lock.
    private bool _isOpen;
    private ScreenLine? _line;
    private Task _reading = Task.CompletedTask;
    private Task _doing = Task.CompletedTask;

    /// <summary>Whether it stays switched off until its next step.</summary>
    public bool IsAway { get; set; }

    /// <summary>Completes when all steps are done.</summary>
    public Task Done => _doing;

    public override string ToString() => $"{name} ({wire})";

    /// <summary>Adds a step.</summary>
    public void Do(Func<Task> step) => _doing = ThenAsync(_doing, step);

    /// <inheritdoc cref="ScreenTopics.Join"/>
    public Task JoinAsync(ScreenView view, ResumeFrom since, int pick) =>
        AskAsync(topics => topics.Join(view, since, pick));

    /// <summary>Joins without a <c>since</c> and waits for the reply.</summary>
    public async Task<ScreenState> JoinFreshAsync(ScreenView view)
    {
        await JoinAsync(view, ResumeFrom.Nothing, pick: 0);
        await _watched.UntilAsync(topics => topics.IsAnswered ? null : "has no answer");
        return _watched.Use(topics => topics.Get(view.Collection).State!);
    }

    /// <inheritdoc cref="ScreenTopics.JoinBadly"/>
    public Task JoinBadlyAsync(string collection, string payload) =>
        AskAsync(topics => topics.JoinBadly(collection, payload));

    public Task LeaveAsync(string collection) => AskAsync(topics => topics.Leave(collection));

    public Task ReloadAsync(string collection) => AskAsync(topics => topics.Reload(collection));

    /// <summary>Resets its connection.</summary>
    public async Task DropAsync()
    {
        _line?.Cut();
        await _reading;
    }

    /// <summary>Connects if it is not connected, and joins again from the states that it shows.</summary>
    public async Task ReturnAsync()
    {
        if (_watched.Use(_ => _isOpen))
        {
            return;
        }

        await _reading;
        _line?.Dispose();
        (_line, var opening) = await shop.ConnectAsync(wire);
        var wanted = _watched.Use(topics =>
        {
            _isOpen = true;
            return topics.Wanted;
        });
        _reading = Task.Run(() => ReadAsync(_line, opening));
        foreach (var topic in wanted)
        {
            await SendAsync(topics => topics.Join(topic.Wanted!, ResumeFrom.Last));
        }
    }

    /// <summary>Waits until everything is answered and as it must be.</summary>
    public async Task SettleAsync(QuietMoment quiet, bool isRemembered)
    {
        await AskAsync(topics => topics.Beat());
        // A long-poll session may have ended with the day.
        await _watched.UntilAsync(topics => topics.Mismatch(quiet), afterChange: ReturnAsync);
        _watched.Use(topics =>
        {
            topics.Settle(quiet, isRemembered);
            return true;
        });
    }

    public async Task EndAsync()
    {
        await _doing;
        await DropAsync();
        _line?.Dispose();
    }

    private async Task ThenAsync(Task before, Func<Task> step)
    {
        await before;
        try
        {
            await step();
        }
        catch (Exception exception)
        {
            faults.Add($"{this}: {exception}");
        }
    }

    private async Task AskAsync(Func<ScreenTopics, ScreenMessage?> ask)
    {
        await ReturnAsync();
        await SendAsync(ask);
    }

    private Task SendAsync(Func<ScreenTopics, ScreenMessage?> ask)
    {
        var message = _watched.Use(topics =>
        {
            var asked = ask(topics);
            if (_isOpen)
            {
                return asked;
            }

            topics.Disconnect(); // the connection has just ended: a wanted topic is joined on the return
            return null;
        });
        return message is null ? Task.CompletedTask : _line!.SendAsync(message);
    }

    private async Task ReadAsync(ScreenLine line, int opening)
    {
        while (await line.ReadAsync() is var (@ref, topic, @event, payload))
        {
            _watched.Receive(@ref, topic, @event, payload);
        }

        // A long-poll session ends when its client does not poll for a while, which happens on a busy machine.
        var isExpected = line.IsCut || shop.HasClosedSince(opening) || wire.IsLongPoll;
        if (!isExpected || line.CloseCode == 1000)
        {
            faults.Add($"{this} was cut off with {line.CloseCode?.ToString() ?? "no code"}");
        }

        _watched.Change(topics =>
        {
            topics.Disconnect();
            return _isOpen = false;
        });
    }
}
