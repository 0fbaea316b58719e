using System.Diagnostics;
using Kaffediem.IntegrationTests.Protocol.Fuzz;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Catalog;

namespace Kaffediem.IntegrationTests.Realtime.Property;

/// <summary>
/// Steps, chosen by one sequence of chance, and every few hundred of them a quiet moment. The same seed plans the same
/// steps; how they interleave is up to the machine.
/// </summary>
internal sealed class PropertyRun : IAsyncDisposable
{
    private static readonly ScreenView Menu = new("menu");

    private readonly FuzzRandom _random;
    private readonly Faults _faults = new();
    private readonly Shop _shop;
    private readonly Screen _watcher;
    private readonly ScreenSteps _screens;
    private readonly OrderWrites _orders;
    private readonly OtherWrites _others;
    private readonly Dictionary<string, RecordWrites> _writes = [];
    private readonly List<Change> _log = [];
    private int _jumps;

    public PropertyRun(ulong seed)
    {
        _random = new FuzzRandom(seed);

        // Days that are longer and shorter than others: summer time begins or ends soon, in one of them at midnight.
        var (timeZone, start) = _random.Pick(
            ("UTC", "2026-11-24T09:00Z"), ("Europe/Oslo", "2026-03-27T09:00Z"), ("Europe/Oslo", "2026-10-23T09:00Z"),
            ("America/Santiago", "2026-09-04T09:00Z"), ("Asia/Kathmandu", "2026-12-30T09:00Z"), ("Pacific/Auckland", "2026-04-03T09:00Z"));
        TimeZone = timeZone;
        _shop = new Shop(timeZone, new ShopClock(DateTimeOffset.Parse(start, System.Globalization.CultureInfo.InvariantCulture)), _faults);
        _watcher = new Screen("the watcher", Wire.V2WebSocket, _shop, Tally, _faults);
        _screens = new ScreenSteps(_random, _shop, Tally, _faults);
        foreach (var collection in MenuQuery.Collections.Concat(["message", "status", "order"]))
        {
            _writes[collection] = new RecordWrites(_shop, collection, new RecordPool(_random), Tally);
        }

        _orders = new OrderWrites(_random, _writes["order"], _writes["item"], Tally);
        _others = new OtherWrites(_random, collection => _writes[collection]);
    }

    public Tally Tally { get; } = new();

    public string TimeZone { get; }

    /// <summary>How many steps were done.</summary>
    public int Steps { get; private set; }

    public async Task RunAsync(int steps, Action<string> tell)
    {
        var (elapsed, told) = (Stopwatch.StartNew(), 0);
        _writes["message"].Pool.Add(Task.FromResult<long?>(1)); // the demo menu's
        _writes["status"].Pool.Add(Task.FromResult<long?>(1));
        await SettleAsync();
        while (Steps < steps)
        {
            for (var left = 200 + _random.Below(301); left > 0 && Steps < steps; left--)
            {
                await StepAsync();
                _faults.Verify();
            }

            await SettleAsync();
            if (Steps - told >= 10_000)
            {
                told = Steps;
                tell($"{Steps} steps in {elapsed.Elapsed.TotalSeconds:F0} s");
            }
        }
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
            case < 9960:
                _shop.Clock.Advance(TimeSpan.FromSeconds(1 + _random.Below(20)));
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
        if (_jumps++ >= 2)
        {
            return;
        }

        var day = _shop.DayStart;
        _shop.Clock.Advance(TimeSpan.FromMinutes(15 + _random.Below(600)));
        Tally.Count("midnights", _shop.DayStart > day ? 1 : 0);
    }

    private async Task SettleAsync()
    {
        await _shop.WrittenAsync();
        await Task.WhenAll(_screens.All.Select(screen => screen.Done));
        _faults.Verify();

        var before = _log.Count;
        var quiet = await QuietMoment.LookAsync(_shop, _log);
        Tally.Count("orders that were over", _log.Skip(before).Count(change => change.Action == ChangeAction.DayOver));
        if (_screens.Filters is { Count: > 0 } filters)
        {
            await quiet.VerifyAsync(_shop, _random.Pick<ScreenView>([.. filters]));
        }

        quiet.TakeMenu((await _watcher.JoinFreshAsync(Menu)).Records[0]);
        var isRemembered = _random.OneIn(3);
        await Task.WhenAll(_screens.All.Append(_watcher).Where(screen => !screen.IsAway).Select(screen => screen.SettleAsync(quiet, isRemembered)));
        _faults.Verify();
        Tally.Count("quiet moments");
        _writes.Values.ToList().ForEach(writes => writes.Pool.Settle());
        _jumps = 0;
    }
}
