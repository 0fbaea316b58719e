namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>Several attacks at once, by the same strangers.</summary>
internal sealed class Everything : IAttack
{
    private readonly IReadOnlyList<IAttack> _all =
    [
        new EventStreamsHungUp(), new SinceJoins(), new SortedPages(), new UnreadLists(), new WrongPasswords(),
        new InventedSessions(), new Reloads(),
    ];

    public string Name => "seven of these at once";

    public long MayGrow => 512L << 20;

    public Task PrepareAsync(AttackedShop shop) => Task.WhenAll(_all.Select(attack => attack.PrepareAsync(shop)));

    public Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop) =>
        Task.WhenAll(_all.Select(attack => attack.RunAsync(shop, attackers, stop)));
}
