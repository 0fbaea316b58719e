using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>
/// Sockets that have joined the menu, each under a different name of the server, while the menu changes. The addresses
/// of images begin with that name.
/// </summary>
internal sealed class ManyHosts() : HeldSockets(
    count: TestSettings.Pick(quick: 200, full: 1000, @long: 2000), """["1","1","collection:menu","phx_join",{}]""")
{
    private const string Item = "/api/collections/item/records/1";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public override string Name => "sockets under many names of the server";

    protected override string HeaderOf(AttackedShop shop, int number) => $"Host: shop{number}.example";

    // Changes the menu.
    protected override async Task HoldAsync(AttackedShop shop, CancellationToken stop)
    {
        using var client = shop.CreateClient(shop.AdministratorCookie);
        for (var price = 40; !stop.IsCancellationRequested; price++)
        {
            (await client.PatchAsync(Item, $$"""{"price_nok":{{price}}}""")).Is(200);
            await Task.WhenAny(Task.Delay(Pause, stop));
        }
    }
}
