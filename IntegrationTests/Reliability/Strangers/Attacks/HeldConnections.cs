namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>Connections that are held open; each one that the server ends is replaced by another.</summary>
/// <param name="name">What they do.</param>
/// <param name="count">How many there are at once, of all attackers together.</param>
/// <param name="head">The request that each begins with, as far as it goes; empty: none.</param>
/// <param name="hold">Goes on until the server hangs up.</param>
internal sealed class HeldConnections(
    string name, int count, string head, Func<RawConnection, CancellationToken, Task> hold) : IAttack
{
    private const int SmallestBuffer = 4096; // bytes: what the kernel would accept counts as read

    private int _opened;

    public string Name => name;

    // Pieces of images for all strangers together, and the connections themselves.
    public long MayGrow => 384L << 20;

    public bool IsUnderWay => Volatile.Read(ref _opened) >= count;

    public Task PrepareAsync(AttackedShop shop) => LargeImage.UploadAsync(shop);

    public Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop)
    {
        _opened = 0;
        return Task.WhenAll(attackers.Select(attacker => Attacker.RepeatAsync(
            1 + (count / attackers.Count), () => HoldAsync(shop, attacker, stop), stop)));
    }

    private async Task HoldAsync(AttackedShop shop, Attacker attacker, CancellationToken stop)
    {
        RawConnection? line = null;
        await Attacker.IsDoneAsync(async () =>
        {
            line = await RawConnection.ConnectAsync(shop.Address, attacker.From, SmallestBuffer);
            await line.SendAsync(head);
            Interlocked.Increment(ref _opened);
            await hold(line, stop);
        });
        line?.Reset();
    }
}
