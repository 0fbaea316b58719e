namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>
/// Sockets that have joined the menu, each under a different name of the server, while the menu changes. The addresses of
/// images begin with that name.
/// </summary>
internal sealed class ManyHosts : IAttack
{
    private const string Item = "/api/collections/item/records/1";

    private static readonly int Sockets = ReliabilitySettings.IsLong ? 2000 : 1000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public string Name => "sockets under many names of the server";

    public long MayGrow => 128L << 20;

    public bool IsUnderWay { get; private set; }

    public async Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop)
    {
        IsUnderWay = false;
        var sockets = new HeldSockets();
        await sockets.OpenAsync(
            Sockets,
            attackers,
            number => $"Host: shop{number}.example",
            """["1","1","collection:menu","phx_join",{}]""",
            stop);
        IsUnderWay = true;
        await ChangeMenuAsync(shop, stop);
        await sockets.HangUpAsync();
    }

    private static async Task ChangeMenuAsync(AttackedShop shop, CancellationToken stop)
    {
        using var client = shop.CreateClient(shop.AdministratorCookie);
        for (var price = 40; !stop.IsCancellationRequested; price++)
        {
            (await client.PatchAsync(Item, $$"""{"price_nok":{{price}}}""")).Is(200);
            await Task.WhenAny(Task.Delay(Pause, stop));
        }
    }
}
