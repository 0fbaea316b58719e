using System.Diagnostics;
using Kaffediem.IntegrationTests.Shop.Servers;

namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>A customer who places orders as fast as the server accepts them.</summary>
internal sealed class CustomerOrders : IAttack
{
    private const int AtOnce = 8;

    // Quota:OrdersPerCustomer: this many at once, and then one a second.
    private const int Quota = 60;

    private readonly Stopwatch _time = Stopwatch.StartNew();
    private long _placed;
    private int _asked;

    public string Name => "orders of one customer, without end";

    // Enough to have been refused, however slow the machine is.
    public bool IsUnderWay => Volatile.Read(ref _asked) > 3 * Quota;

    public Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop)
    {
        _asked = 0;
        return Task.WhenAll(attackers.Select(attacker => Attacker.RepeatAsync(
            AtOnce, () => PlaceAsync(attacker, shop.CustomerCookie, stop), stop)));
    }

    public void Verify(AttackedShop shop, Answers answers)
    {
        Assert.True(answers.Of(429) > 0, $"The customer was never refused: {answers}");
        _placed += answers.Of(201);
        Assert.InRange(_placed, 1, Quota + (long)_time.Elapsed.TotalSeconds + 1);
    }

    private async Task PlaceAsync(Attacker attacker, string cookie, CancellationToken stop)
    {
        await attacker.AskAsync("POST", ShopFolder.Orders, ShopFolder.AnOrder, stop, ("Cookie", cookie));
        Interlocked.Increment(ref _asked);
    }
}
