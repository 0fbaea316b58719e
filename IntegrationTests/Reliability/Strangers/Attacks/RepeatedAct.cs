namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>An attack that is one act, done over and over.</summary>
/// <param name="name">What the attackers do.</param>
/// <param name="atOnce">How many times at once, by all of them together.</param>
/// <param name="act">Does it once; gets a number that is new each time.</param>
internal sealed class RepeatedAct(
    string name, int atOnce, Func<Attacker, int, CancellationToken, Task> act) : IAttack
{
    private int _serial;

    public string Name => name;

    public long MayGrow { get; init; } = 256L << 20;

    public Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop) =>
        Task.WhenAll(attackers.Select(attacker => Attacker.RepeatAsync(
            Math.Max(1, atOnce / attackers.Count),
            () => act(attacker, Interlocked.Increment(ref _serial), stop),
            stop)));
}
