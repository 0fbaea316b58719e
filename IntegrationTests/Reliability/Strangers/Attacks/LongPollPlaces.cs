namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>Long-poll sessions that are opened and never polled.</summary>
internal sealed class LongPollPlaces : IAttack
{
    private const int AtOnce = 32;

    // PhoenixOptions.MaxConnectionsPerAddress, and as many again as the shop may have.
    private const int PlacesOfAnAddress = 17_000;

    private int _asked;

    public string Name => "long-poll sessions, opened and left";

    public IReadOnlyList<Whereabouts> From => [Whereabouts.ShopsAddress];

    public bool IsUnderWay => Volatile.Read(ref _asked) > PlacesOfAnAddress;

    public Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop)
    {
        _asked = 0;
        return Task.WhenAll(
            attackers.Select(attacker => Attacker.RepeatAsync(AtOnce, () => OpenAsync(attacker, stop), stop)));
    }

    private async Task OpenAsync(Attacker attacker, CancellationToken stop)
    {
        await attacker.GetAsync("/socket/longpoll?vsn=2.0.0", stop);
        Interlocked.Increment(ref _asked);
    }
}
