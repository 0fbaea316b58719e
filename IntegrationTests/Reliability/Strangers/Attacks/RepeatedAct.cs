namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>An attack that repeats one act.</summary>
/// <param name="name">What the attackers do.</param>
/// <param name="atOnce">How many times at once, by all attackers together.</param>
/// <param name="act">Does it once; gets a number that is new each time.</param>
internal sealed class RepeatedAct(
    string name, int atOnce, Func<Attacker, int, CancellationToken, Task> act) : IAttack
{
    private int _serial;
    private int _done;

    public string Name => name;

    public IReadOnlyList<Whereabouts> From { get; init; } = [Whereabouts.SixAddresses];

    public long MayGrow { get; init; } = 256L << 20;

    /// <summary>Whether each attacker does it <c>atOnce</c> times.</summary>
    public bool IsEach { get; init; }

    /// <summary>After how many acts the attack has reached its full size.</summary>
    public int FullSize { get; init; }

    public bool IsUnderWay => Volatile.Read(ref _done) >= FullSize;

    /// <summary>See <see cref="IAttack.PrepareAsync"/>.</summary>
    public Action<AttackedShop> Prepare { private get; init; } = _ => { };

    /// <summary>See <see cref="IAttack.Verify"/>.</summary>
    public Action<Answers> Check { private get; init; } = _ => { };

    public Task PrepareAsync(AttackedShop shop)
    {
        Prepare(shop);
        return Task.CompletedTask;
    }

    public Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop)
    {
        _done = 0;
        var each = IsEach ? atOnce : Math.Max(1, atOnce / attackers.Count);
        return Task.WhenAll(
            attackers.Select(attacker => Attacker.RepeatAsync(each, () => ActAsync(attacker, stop), stop)));
    }

    public void Verify(AttackedShop shop, Answers answers) => Check(answers);

    private async Task ActAsync(Attacker attacker, CancellationToken stop)
    {
        await act(attacker, Interlocked.Increment(ref _serial), stop);
        Interlocked.Increment(ref _done);
    }
}
