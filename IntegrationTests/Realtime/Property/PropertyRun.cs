using System.Diagnostics;
using System.Globalization;
using Kaffediem.IntegrationTests.Shop;
using Kaffediem.IntegrationTests.Shop.Logs;
using Kaffediem.IntegrationTests.Shop.Screens;
using Kaffediem.IntegrationTests.Shop.Servers;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Realtime.Property;

/// <summary>
/// Steps chosen by one seeded sequence, with a quiet moment every few hundred steps. The same seed plans the same
/// steps; how they interleave depends on the machine.
/// </summary>
internal sealed class PropertyRun : IAsyncDisposable
{
    private const int StepsPerProgress = 10_000;

    // The log keeps days of changes: a reconnecting screen must not find too many of them pruned at once.
    private const int MaxJumps = 2;

    // Daylight saving time begins or ends within the following days; in Santiago at midnight.
    private static readonly (string TimeZone, string Start)[] Places =
    [
        ("UTC", "2026-11-24T09:00Z"), ("Europe/Oslo", "2026-03-27T09:00Z"), ("Europe/Oslo", "2026-10-23T09:00Z"),
        ("America/Santiago", "2026-09-04T09:00Z"), ("Asia/Kathmandu", "2026-12-30T09:00Z"),
        ("Pacific/Auckland", "2026-04-03T09:00Z"),
    ];

    private readonly SeededRandom _random;
    private readonly Faults _faults = new();
    private readonly RestartingShop _shop;
    private readonly ShopScreen _watcher;
    private readonly ScreenSteps _screens;
    private readonly OrderWrites _orders;
    private readonly OtherWrites _others;
    private readonly Dictionary<string, RecordWrites> _writes;
    private readonly ShopLog _log = new();
    private int _jumps;

    public PropertyRun(ulong seed)
    {
        _random = new SeededRandom(seed);
        (TimeZone, var start) = _random.Pick(Places);
        var clock = new ShopClock(DateTimeOffset.Parse(start, CultureInfo.InvariantCulture));
        _shop = new RestartingShop(TimeZone, clock, _faults);
        _watcher = new ShopScreen("the watcher", Wire.V2WebSocket, _shop, Tally, _faults);
        _screens = new ScreenSteps(_random, _shop, Tally, _faults);
        _writes = ShopLog.Collections.ToDictionary(
            collection => collection,
            collection => new RecordWrites(_shop, collection, _random, Tally));
        _orders = new OrderWrites(_random, _writes[ScreenView.Order], _writes["item"], Tally);
        _others = new OtherWrites(_random, collection => _writes[collection]);
    }

    public Tally Tally { get; } = new();

    public string TimeZone { get; }

    /// <summary>How many steps are done.</summary>
    public int Steps { get; private set; }

    public async Task RunAsync(int steps, Action<string> report)
    {
        var (elapsed, reported) = (Stopwatch.StartNew(), 0);
        _writes["message"].Add(Task.FromResult<long?>(1)); // the demo menu's
        _writes["status"].Add(Task.FromResult<long?>(1));
        await SettleAsync();
        while (Steps < steps)
        {
            for (var left = 200 + _random.Below(301); left > 0 && Steps < steps; left--)
            {
                await StepAsync();
                _faults.Verify();
            }

            await SettleAsync();
            if (Steps - reported >= StepsPerProgress)
            {
                reported = Steps;
                report($"{Steps} steps in {elapsed.Elapsed.TotalSeconds:F0} s");
            }
        }

        Tally.Count("orders that were over with their day", _log.OverCount);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var screen in _screens.All.Append(_watcher))
        {
            await screen.EndAsync();
        }

        await _shop.DisposeAsync();
    }

    private async Task StepAsync()
    {
        Steps++;
        switch (_random.Below(10_000))
        {
            case < 7000:
                await _orders.WriteAsync();
                break;
            case < 7700:
                await _others.WriteMenuAsync();
                break;
            case < 8200:
                await _others.WriteMessageAsync();
                break;
            case < 8600:
                await _others.WriteStatusAsync();
                break;
            case < 9700:
                _screens.Step();
                break;
            case < 9708:
                _screens.Storm();
                break;
            case < 9960:
                _shop.Clock.Advance(TimeSpan.FromMilliseconds(1 + _random.Below(20_000)));
                break;
            case < 9990:
                PutClockForward();
                break;
            case < 9996:
                Steps += await _orders.ResetAsync() - 1;
                break;
            default:
                Tally.Count("restarts");
                await _shop.RestartAsync();
                break;
        }
    }

    private void PutClockForward()
    {
        var time = TimeSpan.FromMinutes(15 + _random.Below(600));
        if (_jumps++ < MaxJumps)
        {
            var day = _shop.DayStart;
            _shop.Clock.Advance(time);
            Tally.Count("midnights", _shop.DayStart > day ? 1 : 0);
        }
    }

    private async Task SettleAsync()
    {
        await _shop.WrittenAsync();
        await Task.WhenAll(_screens.All.Select(screen => screen.Done));
        _faults.Verify();

        var quiet = await QuietMoment.LookAsync(_shop, _log);
        if (_screens.Filters is { Count: > 0 } filters)
        {
            await quiet.VerifyAsync(_shop, _random.Pick<ScreenView>([.. filters]));
        }

        quiet.SetMenu((await _watcher.JoinFreshAsync(new ScreenView(ScreenView.Menu))).Records[0]);
        var isRemembered = _random.OneIn(3);
        var present = _screens.All.Append(_watcher).Where(screen => !screen.IsAway);
        await Task.WhenAll(present.Select(screen => screen.SettleAsync(quiet, isRemembered)));
        _faults.Verify();

        Tally.Count("quiet moments");
        _jumps = 0;
        foreach (var writes in _writes.Values)
        {
            writes.Settle();
        }
    }
}
