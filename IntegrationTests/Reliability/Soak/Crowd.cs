using Kaffediem.IntegrationTests.Shop;
using Kaffediem.IntegrationTests.Shop.Logs;
using Kaffediem.IntegrationTests.Shop.Screens;
using Kaffediem.IntegrationTests.Shop.Servers;
using Kaffediem.IntegrationTests.Shop.Tills;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Soak;

/// <summary>What all clients of a shop share.</summary>
/// <param name="Address">The server.</param>
/// <param name="Log">The server's log.</param>
/// <param name="Deliveries">Collects the received changes.</param>
/// <param name="Tally">Counts what was exercised.</param>
/// <param name="Faults">Collects what must not happen.</param>
internal sealed record SoakShop(Uri Address, ServerLog Log, DeliveryCheck Deliveries, Tally Tally, Faults Faults);

/// <summary>A period in the shop: guests come, tills and staff work, then all leave.</summary>
internal sealed class Crowd : IDisposable
{
    /// <summary>In this time the guests come.</summary>
    public static readonly TimeSpan Arriving = TimeSpan.FromSeconds(TestSettings.Pick(quick: 2, full: 20, @long: 20));

    private const int LongestPause = 1600; // milliseconds, between two writes of a till
    private const int LongestShift = 20_000; // between two shifts of an employee

    private readonly SoakShop _shop;
    private readonly SeededRandom _random;
    private readonly List<Guest> _guests;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _working;

    /// <summary>The guests begin to arrive.</summary>
    public Crowd(
        int wave, int guests, ulong seed, SoakShop shop, IReadOnlyList<Till> tills, IReadOnlyList<Employee> staff)
    {
        (_shop, _random) = (shop, SeededRandom.Of(seed, "crowd", wave));
        _guests = [.. Enumerable.Range(0, guests).Select(it => new Guest(it, seed + (ulong)wave, shop))];
        _guests.ForEach(guest => guest.Start(Arriving));
        _working = Task.WhenAll([.. tills.Select(WriteAsync), .. staff.Select(WorkAsync)]);
    }

    /// <summary>
    /// Stops all writes, waits until all staying guests show what the server has, and lets everybody leave.
    /// </summary>
    /// <param name="readLists">Reads what the server has.</param>
    public async Task EndAsync(Func<Task<IReadOnlyDictionary<ScreenView, RecordList>>> readLists)
    {
        await _closing.CancelAsync();
        await _working;
        var lists = await readLists();
        var staying = _guests.Where(guest => guest.Stays).ToList();
        await Task.WhenAll(staying.Select(guest => guest.ShowAsync(lists)));
        _shop.Tally.Count("screens compared at the end", staying.Count);
        await Task.WhenAll(_guests.Select(guest => guest.StopAsync()));
    }

    public void Dispose()
    {
        _closing.Cancel();
        _guests.ForEach(guest => guest.Dispose());
        _closing.Dispose();
    }

    private Task WriteAsync(Till till) => RepeatAsync(LongestPause, async () =>
    {
        Assert.True(await till.WriteAsync(), "A write was not answered.");
        till.Forget();
        _shop.Tally.Count("writes");
    });

    private Task WorkAsync(Employee employee) => RepeatAsync(LongestShift, employee.WorkAsync);

    private async Task RepeatAsync(int longestPause, Func<Task> what)
    {
        try
        {
            while (!_closing.IsCancellationRequested)
            {
                await Task.WhenAny(Task.Delay(Pause(longestPause), _closing.Token));
                await what();
            }
        }
        catch (Exception exception)
        {
            _shop.Faults.Add($"{exception}");
        }
    }

    private int Pause(int longest)
    {
        lock (_random)
        {
            return _random.Below(longest);
        }
    }
}
