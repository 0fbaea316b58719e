using System.Diagnostics;

namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>A customer who places orders as fast as the server accepts them.</summary>
internal sealed class CustomerOrders : IAttack
{
    private const int AtOnce = 8;

    // Quota:OrdersPerCustomer: so many at once, and then one a second.
    private const int Quota = 60;

    private readonly Stopwatch _time = Stopwatch.StartNew();
    private long _placed;

    public string Name => "orders of one customer, without end";

    public Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop) =>
        Task.WhenAll(attackers.Select(attacker => Attacker.RepeatAsync(
            AtOnce,
            () => attacker.AskAsync("POST", ShopFolder.Orders, ShopFolder.AnOrder, stop, ("Cookie", shop.CustomerCookie)),
            stop)));

    public void Verify(AttackedShop shop, Answers answers)
    {
        Assert.True(answers.Of(429) > 0, $"The customer was never refused: {answers}");
        _placed += answers.Of(201);
        Assert.InRange(_placed, 1, Quota + (long)_time.Elapsed.TotalSeconds + 1);
    }
}
