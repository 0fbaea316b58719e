using Kaffediem.IntegrationTests.Shop.Screens;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Soak;

/// <summary>
/// A guest with a page of the shop: opens it, looks, leaves topics and joins them again, and disconnects in one of
/// several ways; then comes back with the same page or a new one. A staying guest leaves only at the end.
/// </summary>
internal sealed class Guest : IDisposable
{
    /// <summary>How many customers place orders.</summary>
    public const int Customers = 60;

    private const int PausePerVisit = 3000; // milliseconds, the maximum, as the others
    private const int ShortestStep = 2000;
    private const int LongestStep = 6000;
    private const int ShortestRest = 12_000;
    private const int LongestRest = 25_000; // phoenix.js: a heartbeat every 30 s
    private const int LongestVisit = 18_000;

    // Longer than the server waits for a sign of life (60 s).
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(80);

    private readonly SeededRandom _random;
    private readonly SoakShop _shop;
    private readonly Wire _wire;
    private readonly IReadOnlyList<ScreenView> _views;
    private readonly string _name;
    private readonly CancellationTokenSource _stop = new();
    private WatchedTopics _screen;
    private Task _visiting = Task.CompletedTask;

    public Guest(int number, ulong seed, SoakShop shop)
    {
        (_random, _shop) = (SeededRandom.Of(seed, "guest", number), shop);
        _wire = _random.Below(20) switch { 0 => Wire.V2LongPoll, < 7 => Wire.V1WebSocket, _ => Wire.V2WebSocket };
        Stays = _random.Below(5) < 3;
        _views = ChooseViews();
        _name = $"guest {number} ({_wire}, {(Stays ? "stays" : "comes and goes")})";
        _screen = OpenPage();
    }

    /// <summary>Whether it leaves only at the end.</summary>
    public bool Stays { get; }

    /// <summary>Arrives within some time.</summary>
    public void Start(TimeSpan within) => _visiting = RunAsync(_random.Below((int)within.TotalMilliseconds));

    /// <summary>Waits until its page shows what the shop has.</summary>
    public Task ShowAsync(IReadOnlyDictionary<ScreenView, RecordList> lists) =>
        _screen.UntilAsync(topics => topics.Wanted
            .Select(topic => topic.Mismatch(lists[topic.Wanted!]))
            .FirstOrDefault(wrong => wrong is not null));

    /// <summary>Leaves, and waits until it has left.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _visiting;
    }

    public void Dispose() => _stop.Dispose();

    // The kitchen sees all orders, the display the messages, most guests their own orders.
    private IReadOnlyList<ScreenView> ChooseViews() => _random.Below(20) switch
    {
        0 => [new ScreenView("order", ScreenView.Today), new ScreenView("message"), new ScreenView("status")],
        < 6 => [new ScreenView("message"), new ScreenView("status")],
        < 10 => [new ScreenView(ScreenView.Menu), new ScreenView("order", ScreenView.Today, null, Customer())],
        < 12 => [new ScreenView("message"), new ScreenView(ScreenView.Menu), new ScreenView("category")],
        _ => [new ScreenView("order", null, null, Customer()), new ScreenView("status")],
    };

    private int Customer() => 1 + _random.Below(Customers);

    private async Task RunAsync(int delay)
    {
        try
        {
            await PauseAsync(delay, _stop.Token);
            while (!_stop.IsCancellationRequested)
            {
                await VisitAsync();
                await PauseAsync(_random.Below(PausePerVisit), _stop.Token);
                if (!Stays && _random.OneIn(2))
                {
                    _screen = OpenPage();
                }
            }
        }
        catch (Exception exception)
        {
            _shop.Faults.Add($"{_name}: {exception}");
        }
    }

    private async Task VisitAsync()
    {
        using var line = await ScreenLine.TryOpenAsync(_shop.Address, _wire);
        if (line is null)
        {
            _shop.Faults.Add($"{_name} was not accepted.");
            return;
        }

        _shop.Tally.Count("connections");
        using var vanishes = new CancellationTokenSource();
        var reading = ReadAsync(line, _screen, vanishes.Token);
        foreach (var view in _views)
        {
            await SendAsync(line, topics => topics.Join(view, _random.Pick(ResumeFrom.Nothing, ResumeFrom.Last)));
        }

        await LookAsync(line, reading);
        await GoAsync(line, reading, vanishes);
        _shop.Deliveries.Add(_name, _screen.Change(topics =>
        {
            topics.Disconnect();
            return topics.TakeReceived();
        }));
    }

    private async Task LookAsync(ScreenLine line, Task reading)
    {
        var left = Stays ? int.MaxValue : _random.Below(LongestVisit);
        while (left > 0 && !reading.IsCompleted && !_stop.IsCancellationRequested)
        {
            var step = Stays
                ? ShortestRest + _random.Below(LongestRest - ShortestRest)
                : Math.Min(left, ShortestStep + _random.Below(LongestStep - ShortestStep));
            left -= step;
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            await Task.WhenAny(reading, PauseAsync(step, ended.Token));
            await ended.CancelAsync();
            await StepAsync(line, reading);
        }
    }

    private async Task StepAsync(ScreenLine line, Task reading)
    {
        await SendAsync(line, topics => topics.Beat());
        var view = _views[_random.Below(_views.Count)];
        switch (_random.Below(20))
        {
            case < 3:
                await SendAsync(line, topics => topics.Leave(view.Collection));
                await await Task.WhenAny(reading, _screen.UntilAsync(topics =>
                    topics.Get(view.Collection).IsJoined ? $"has not left {view}" : null));
                await PauseAsync(_random.Below(ShortestStep), _stop.Token);
                await SendAsync(line, topics => topics.Join(view, ResumeFrom.Last));
                break;
            case < 5:
                await SendAsync(line, topics => topics.Join(view, _random.Pick(ResumeFrom.Last, ResumeFrom.Nothing)));
                break;
            case < 6:
                await SendAsync(line, topics => topics.JoinBadly("item", """["today"]"""));
                break;
        }
    }

    private async Task GoAsync(ScreenLine line, Task reading, CancellationTokenSource vanishes)
    {
        if (reading.IsCompleted)
        {
            _shop.Tally.Count($"cut off by the server: {line.CloseCode}");
            return;
        }

        var way = Stays ? _random.Below(70) : _random.Below(72);
        _shop.Tally.Count(way switch { < 30 => "said goodbye", < 50 => "reset", < 70 => "hung up", _ => "vanished" });
        switch (way)
        {
            case < 30 when !_wire.IsLongPoll:
                await line.CloseAsync();
                break;
            case < 50:
                line.Cut();
                break;
            case < 70:
                line.Dispose();
                break;
            default: // neither reads nor writes, like a phone in a tunnel
                await vanishes.CancelAsync();
                await PauseAsync((int)Silence.TotalMilliseconds, _stop.Token);
                line.Dispose();
                break;
        }

        await reading;
    }

    private static async Task ReadAsync(ScreenLine line, WatchedTopics screen, CancellationToken vanishes)
    {
        while (!vanishes.IsCancellationRequested && await line.ReadAsync() is var (@ref, topic, @event, payload))
        {
            screen.Receive(@ref, topic, @event, payload);
        }
    }

    private Task SendAsync(ScreenLine line, Func<ScreenTopics, ScreenMessage> ask) =>
        line.SendAsync(_screen.Use(ask));

    private WatchedTopics OpenPage() => new(_name, _shop.Tally, _shop.Faults, patience: TimeSpan.FromSeconds(90));

    // Ends early when the guest has to leave.
    private static async Task PauseAsync(int milliseconds, CancellationToken stop) =>
        await Task.WhenAny(Task.Delay(milliseconds, stop));
}
