namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>A customer who places orders as fast as the server accepts them.</summary>
internal sealed class CustomerOrders : IAttack
{
    private const int AtOnce = 8;

    public string Name => "orders of one customer, without end";

    public Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop) =>
        Task.WhenAll(attackers.Select(attacker => Attacker.RepeatAsync(
            AtOnce,
            () => attacker.AskAsync("POST", ShopFolder.Orders, ShopFolder.AnOrder, stop, ("Cookie", shop.CustomerCookie)),
            stop)));

    public void Verify(AttackedShop shop, Answers answers) =>
        Assert.True(answers.Of(429) > 0, $"The customer was never refused: {answers}");
}
