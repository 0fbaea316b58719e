namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>Sockets that ask for what they have missed, each since a different change.</summary>
internal sealed class SinceJoins : IAttack
{
    private const int AtOnce = 120;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private string _epoch = "";
    private long _last;
    private int _serial;

    public string Name => "joins since different changes";

    public Task PrepareAsync(AttackedShop shop)
    {
        _epoch = shop.Query<string>("SELECT id FROM epoch").Single();
        _last = shop.Query<long>("SELECT MAX(seq) FROM change_log").Single();
        return Task.CompletedTask;
    }

    public Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop) =>
        Task.WhenAll(attackers.Select(attacker => Attacker.RepeatAsync(
            AtOnce / attackers.Count, () => JoinAsync(attacker, stop), stop)));

    private async Task JoinAsync(Attacker attacker, CancellationToken stop)
    {
        using var line = await attacker.OpenSocketAsync(stop);
        if (line is null)
        {
            return;
        }

        var seq = Interlocked.Increment(ref _serial) % _last;
        await Attacker.TrySendAsync(
            line,
            $$$"""["1","1","collection:order","phx_join",{"since":{"epoch":"{{{_epoch}}}","seq":{{{seq}}}}}]""");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        await Attacker.IsDoneAsync(() => line.DrainAsync(patience.Token));
    }
}
