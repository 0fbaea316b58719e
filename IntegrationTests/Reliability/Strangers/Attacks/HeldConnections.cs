namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>Connections that are held open; when the server ends one, another replaces it.</summary>
/// <param name="name">What the attackers do.</param>
/// <param name="count">How many at once, of all attackers together.</param>
/// <param name="head">The beginning of each request; empty: none.</param>
/// <param name="hold">Runs until the server ends the connection.</param>
internal sealed class HeldConnections(
    string name, int count, string head, Func<RawConnection, CancellationToken, Task> hold) : IAttack
{
    private const int SmallestBuffer = 4096; // bytes: what the kernel buffers counts as read

    private int _opened;

    public string Name => name;

    // Image buffers of all strangers together, and the connections themselves.
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
