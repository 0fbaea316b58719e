using System.Text.Json;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Realtime.Property;

/// <summary>
/// A screen with some topics. What it is told to do it does one after the other, but it does not wait for answers: only at
/// a quiet moment must they all have come. It comes back by itself, as phoenix.js does.
/// </summary>
internal sealed class Screen(string name, Wire wire, Shop shop, Tally tally, Faults faults)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // Guards everything below: the reader writes it, and those who wait for quiet look at it.
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ScreenTopic> _topics = [];
    private readonly Dictionary<string, (string Event, ScreenTopic? Topic, Asked? Asked)> _pending = [];
    private TaskCompletionSource? _received;
    private ScreenLine? _line;
    private Task _reading = Task.CompletedTask;
    private Task _doing = Task.CompletedTask;
    private int _lastRef;
    private bool _isOpen;

    /// <summary>Whether it has nothing to do, and is to be left so until it is told something else.</summary>
    public bool IsAway { get; set; }

    /// <summary>Ends when it has done what it was told.</summary>
    public Task Done => _doing;

    public override string ToString() => $"{name} ({wire})";

    /// <summary>Tells it to do something.</summary>
    public void Do(Func<Task> what) => _doing = ThenAsync(_doing, what);

    /// <summary>A topic, as far as it is known.</summary>
    public ScreenTopic Topic(string collection)
    {
        lock (_lock)
        {
            return _topics.TryGetValue(collection, out var topic)
                ? topic
                : _topics[collection] = new ScreenTopic(collection, tally);
        }
    }

    public async Task JoinAsync(ScreenView view, Since since, int pick)
    {
        var topic = Topic(view.Collection);
        await ReturnAsync();
        topic.Wanted = view;
        await SendJoinAsync(topic, view, since, pick);
    }

    /// <summary>Asks for something that makes no sense.</summary>
    public async Task JoinBadlyAsync(string collection, string payload)
    {
        var topic = Topic(collection);
        await ReturnAsync();
        topic.Wanted = null;
        await SendAsync("phx_join", topic, payload, null);
    }

    public async Task LeaveAsync(string collection)
    {
        var topic = Topic(collection);
        await ReturnAsync();
        topic.Wanted = null;
        await SendAsync("phx_leave", topic, "{}", null);
    }

    public async Task ReloadAsync(string collection)
    {
        var topic = Topic(collection);
        await ReturnAsync();
        if (topic.Wanted is { } view)
        {
            await SendAsync("reload", topic, "{}", new Asked(view, Since.Nothing, null));
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
        lock (_lock)
        {
            if (_isOpen)
            {
                return;
            }
        }

        await _reading;
        _line?.Dispose();
        (_line, var opening) = await shop.ConnectAsync(wire);
        List<ScreenTopic> topics;
        lock (_lock)
        {
            _isOpen = true;
            _reading = Task.Run(() => ReadAsync(_line, opening));
            topics = [.. _topics.Values.Where(topic => topic.Wanted is not null)];
        }

        foreach (var topic in topics)
        {
            await SendJoinAsync(topic, topic.Wanted!, Since.Last, 0);
        }
    }

    /// <summary>Waits until everything is answered and all topics are as they must be; notes it as a fault if they stay wrong.</summary>
    public async Task SettleAsync(QuietMoment quiet, bool isRemembered)
    {
        await ReturnAsync();
        await SendAsync("heartbeat", null, "{}", null);
        while (true)
        {
            await ReturnAsync(); // a long-poll session may have ended with the day
            Task received;
            string? problem;
            lock (_lock)
            {
                problem = Problem(quiet);
                if (problem is null)
                {
                    _topics.Values.ToList().ForEach(topic => topic.Settle(quiet, isRemembered));
                    return;
                }

                received = (_received ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            if (await Task.WhenAny(received, Task.Delay(Patience)) != received)
            {
                faults.Add($"{this} is not as it must be: {problem}");
                return;
            }
        }
    }

    /// <summary>Joins anew and returns what is answered.</summary>
    public async Task<ScreenState> JoinFreshAsync(ScreenView view)
    {
        await JoinAsync(view, Since.Nothing, pick: 0);
        while (true)
        {
            Task received;
            lock (_lock)
            {
                if (_pending.Count == 0)
                {
                    return Topic(view.Collection).State!;
                }

                received = (_received ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await received.WaitAsync(Patience);
        }
    }

    public async Task EndAsync()
    {
        await _doing;
        await DropAsync();
        _line?.Dispose();
    }

    private string? Problem(QuietMoment quiet) => _pending.Count > 0
        ? $"{string.Join(", ", _pending.Values.Select(it => $"{it.Event} {it.Topic?.Collection}"))} not answered"
        : _topics.Values
            .Select(topic => topic.Mismatch(quiet) is { } mismatch ? $"{mismatch}; what came last: {topic.Story}" : null)
            .FirstOrDefault(problem => problem is not null);

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

    private Task SendJoinAsync(ScreenTopic topic, ScreenView view, Since since, int pick)
    {
        Asked asked;
        lock (_lock)
        {
            var known = since == Since.Earlier && topic.Past.Count > 0 ? topic.Past[pick % topic.Past.Count] : topic.State;

            // Who asks for something else, or has nothing yet, has missed nothing of it.
            asked = new Asked(view, known?.View == view ? since : Since.Nothing, known);
        }

        var position = asked.Since switch
        {
            Since.Nothing => "",
            Since.Foreign => $$$""","since":{"epoch":"0123456789abcdef0123456789abcdef","seq":{{{asked.Base!.Seq}}}}""",
            Since.Future => $$$""","since":{"epoch":"{{{asked.Base!.Epoch}}}","seq":{{{asked.Base.Seq + 1_000_000}}}}""",
            _ => $$$""","since":{"epoch":"{{{asked.Base!.Epoch}}}","seq":{{{asked.Base.Seq}}}}""",
        };
        return SendAsync("phx_join", topic, $$"""{"options":{{view.Options}}{{position}}}""", asked);
    }

    private Task SendAsync(string @event, ScreenTopic? topic, string payload, Asked? asked)
    {
        string @ref;
        string? joinRef;
        lock (_lock)
        {
            @ref = $"{++_lastRef}";
            joinRef = @event == "phx_join" ? topic!.SentJoinRef = @ref : topic?.SentJoinRef;
            if (_isOpen)
            {
                _pending[@ref] = (@event, topic, asked);
            }
        }

        var name = topic is null ? "phoenix" : $"collection:{topic.Collection}";
        return _line!.SendAsync(joinRef, @ref, name, @event, payload);
    }

    private async Task ReadAsync(ScreenLine line, int opening)
    {
        while (await line.ReadAsync() is var (@ref, topic, @event, payload))
        {
            lock (_lock)
            {
                try
                {
                    Receive(@ref, topic, @event, payload);
                }
                catch (Exception exception)
                {
                    var story = topic == "phoenix" ? "" : Topic(topic["collection:".Length..]).Story;
                    faults.Add($"{this}, {topic}: {exception.Message} ({exception.GetType().Name}); what came last: {story}");
                }

                _received?.TrySetResult();
                _received = null;
            }
        }

        End(line, opening);
    }

    private void End(ScreenLine line, int opening)
    {
        var isExpected = line.IsCut || shop.HasClosedSince(opening) || wire.IsLongPoll;
        if (!isExpected || line.CloseCode == 1000)
        {
            faults.Add($"{this} was cut off with {line.CloseCode?.ToString() ?? "no code"}");
        }

        lock (_lock)
        {
            _isOpen = false;
            _pending.Clear();
            _topics.Values.ToList().ForEach(topic => topic.End("disconnected"));
            _received?.TrySetResult();
            _received = null;
        }
    }

    private void Receive(string? @ref, string name, string @event, JsonElement payload)
    {
        switch (@event)
        {
            case "change":
                Topic(name["collection:".Length..]).Take(payload);
                break;
            case "phx_reply":
                Assert.True(_pending.Remove(@ref!, out var pending), $"a reply to {@ref}");
                TakeReply(pending.Event, pending.Topic, pending.Asked, @ref!, payload);
                break;

            // After a leave, or a join of what was joined already: of the join before.
            case "phx_close" when Topic(name["collection:".Length..]) is var topic && (!topic.IsJoined || topic.JoinRef != @ref):
                break;
            default:
                throw new InvalidDataException($"{@event} {@ref} {payload}");
        }
    }

    private void TakeReply(string @event, ScreenTopic? topic, Asked? asked, string @ref, JsonElement payload)
    {
        var (isOk, response) = (payload.GetProperty("status").GetString() == "ok", payload.GetProperty("response"));
        switch (@event)
        {
            case "phx_join" when asked is not null && isOk:
                tally.Count(response.TryGetProperty("recovered", out var recovered)
                    ? $"joins since {asked.Since}, recovered: {recovered}"
                    : asked.View.IsFiltered ? "joins with a filter" : "joins");
                topic!.Take(asked, @ref, response);
                break;
            case "phx_join" when asked is null && !isOk:
                tally.Count("joins refused");
                topic!.End("refused");
                break;
            case "phx_leave" when isOk:
                topic!.End("left");
                break;
            case "reload" when isOk:
                tally.Count("reloads");
                topic!.Take(asked! with { View = topic.State!.View }, null, response);
                break;
            case "heartbeat" when isOk:
                break;
            default:
                throw new InvalidDataException($"{@event} was answered with {payload}");
        }
    }
}
