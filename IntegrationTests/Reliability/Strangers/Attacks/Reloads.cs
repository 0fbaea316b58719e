namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>Sockets that ask for all orders again and again, and read them.</summary>
internal sealed class Reloads : IAttack
{
    private const int AtOnce = 30;
    private const int Messages = 100;

    public string Name => "reloads of all orders";

    public long MayGrow => 512L << 20;

    public Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop) =>
        Task.WhenAll(attackers.Select(attacker => Attacker.RepeatAsync(
            Math.Max(1, AtOnce / attackers.Count), () => ReloadAsync(attacker, stop), stop)));

    private static async Task ReloadAsync(Attacker attacker, CancellationToken stop)
    {
        using var line = await attacker.OpenSocketAsync(stop);
        if (line is null)
        {
            return;
        }

        await Attacker.TrySendAsync(line, """["1","1","collection:order","phx_join",{}]""");
        await Attacker.TrySendAsync(
            line, [.. Enumerable.Range(2, Messages).Select(i => $$"""["1","{{i}}","collection:order","reload",{}]""")]);
        await Attacker.IsDoneAsync(() => line.DrainAsync(stop));
    }
}
