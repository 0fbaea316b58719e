using Kaffediem.IntegrationTests.Shop.Servers;

namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>Short pages of a long list, in an order and with filters that take all of it into account.</summary>
internal sealed class SortedPages : IAttack
{
    private const int AtOnce = 16;

    private static readonly string[] Queries =
    [
        "sort=-uuid", "sort=state&page=50000", "from_date=2026-01-01&sort=-updated", "sort=-customer_id",
        "customer_id=77",
    ];

    private int _serial;

    public string Name => "short pages of all orders, sorted";

    public Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop) =>
        Task.WhenAll(
            attackers.Select(
                attacker => Attacker.RepeatAsync(AtOnce, () => attacker.GetAsync(NextPath(), stop), stop)));

    private string NextPath() =>
        $"{ShopFolder.Orders}?perPage=1&{Queries[(uint)Interlocked.Increment(ref _serial) % Queries.Length]}";
}
