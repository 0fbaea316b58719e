namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>Long-poll sessions that are opened and never polled.</summary>
internal sealed class LongPollPlaces : IAttack
{
    private const int AtOnce = 32;

    public string Name => "long-poll sessions, opened and left";

    public IReadOnlyList<Whereabouts> From => [Whereabouts.ShopsAddress];

    public Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop) =>
        Task.WhenAll(attackers.Select(attacker => Attacker.RepeatAsync(
            AtOnce, () => attacker.GetAsync("/socket/longpoll?vsn=2.0.0", stop), stop)));
}
