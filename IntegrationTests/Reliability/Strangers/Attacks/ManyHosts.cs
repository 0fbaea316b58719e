using Kaffediem.IntegrationTests.Reliability.Hostile;

namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>
/// Sockets that have joined the menu, each under another name of the server, while the menu changes: what the addresses
/// of images begin with.
/// </summary>
internal sealed class ManyHosts : IAttack
{
    private const string Item = "/api/collections/item/records/1";

    private static readonly int Sockets = ReliabilitySettings.IsLong ? 2000 : 600;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public string Name => "sockets under ever other names of the server";

    public async Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop)
    {
        var lines = new List<RawLine>();
        List<Task> reading = [];
        for (var i = 0; i < Sockets && !stop.IsCancellationRequested; i++)
        {
            var attacker = attackers[i % attackers.Count];
            if (await attacker.OpenSocketAsync(stop, $"Host: shop{i}.example") is { } line)
            {
                lines.Add(line);
                await Attacker.TrySendAsync(line, """["1","1","collection:menu","phx_join",{}]""");
                reading.Add(Attacker.IsDoneAsync(() => line.DrainAsync(stop)));
            }
        }

        await ChangeMenuAsync(shop, stop);
        lines.ForEach(line => line.HangUp());
        await Task.WhenAll(reading);
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
