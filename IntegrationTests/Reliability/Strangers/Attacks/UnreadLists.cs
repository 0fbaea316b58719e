using Kaffediem.IntegrationTests.Shop.Servers;

namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>Requests for all orders, of whose answers nothing is read.</summary>
internal sealed class UnreadLists : IAttack
{
    private const int AtOnce = 60;
    private const int SmallestBuffer = 4096; // bytes

    // The server may have cut off those before.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public string Name => "lists of all orders, unread";

    public long MayGrow => 768L << 20;

    public async Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop)
    {
        List<RawLine?> lines = [];
        while (!stop.IsCancellationRequested)
        {
            foreach (var attacker in attackers)
            {
                attacker.ReceiveBuffer = SmallestBuffer;
                lines.AddRange(await Task.WhenAll(Enumerable.Range(0, AtOnce / attackers.Count)
                    .Select(_ => attacker.SendAsync($"GET {ShopFolder.Orders}"))));
            }

            await Task.WhenAny(Task.Delay(Pause, stop));
        }

        lines.ForEach(line => line?.HangUp());
    }
}
