namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>Several attacks at once, by the same strangers.</summary>
internal sealed class ParallelAttacks(string name, IReadOnlyList<IAttack> attacks) : IAttack
{
    public string Name => name;

    public long MayGrow => 512L << 20;

    public Task PrepareAsync(AttackedShop shop) => Task.WhenAll(attacks.Select(attack => attack.PrepareAsync(shop)));

    public Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop) =>
        Task.WhenAll(attacks.Select(attack => attack.RunAsync(shop, attackers, stop)));
}
