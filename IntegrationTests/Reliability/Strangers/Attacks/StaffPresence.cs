namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>One customer's sockets, all of which want to be seen among the staff.</summary>
internal sealed class StaffPresence : IAttack
{
    private const int Sockets = 1000;

    public string Name => "a customer's sockets among the staff";

    public long MayGrow => 128L << 20;

    public bool IsUnderWay { get; private set; }

    public async Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop)
    {
        IsUnderWay = false;
        var sockets = new HeldSockets();
        await sockets.OpenAsync(
            Sockets,
            attackers,
            _ => $"Cookie: {shop.CustomerCookie}",
            """["1","1","presence:staff","phx_join",{"screen":"mine"}]""",
            stop);
        IsUnderWay = true;
        await Task.WhenAny(Task.Delay(Timeout.Infinite, stop));
        await sockets.HangUpAsync();
    }
}
