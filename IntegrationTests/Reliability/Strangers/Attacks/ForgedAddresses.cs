using Kaffediem.IntegrationTests.Shop.Servers;

namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>
/// One machine that claims another address with each request, to get the bounds of a new client each time: for wrong
/// passwords, one for each account, and for queued lists.
/// </summary>
internal sealed class ForgedAddresses : IAttack
{
    private const int PasswordsAtOnce = 8;

    // More than Reads:MaxWaitingPerAddress, and fewer than Reads:MaxWaiting.
    private const int ListsAtOnce = 800;

    // Fewer than the default: hashing fifty passwords takes long.
    private const int Attempts = 10;

    // Without it, refusals as fast as possible would leave no time for the passwords.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private int _addresses;
    private int _serial;
    private int _passwords;
    private long _wrong;

    public string Name => "addresses that are forged";

    public IReadOnlyList<Whereabouts> From => [Whereabouts.ProxyNetwork];

    // Enough to have been refused, however slow the machine is.
    public bool IsUnderWay => Volatile.Read(ref _passwords) > 2 * Attempts * _addresses;

    public IReadOnlyList<string> Settings => [$"--Auth:AttemptsPerAddress={Attempts}"];

    public Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop)
    {
        (_addresses, _passwords) = (attackers.Count, 0);
        return Task.WhenAll(attackers.SelectMany(attacker => new[]
        {
            Attacker.RepeatAsync(PasswordsAtOnce, () => TryPasswordAsync(attacker, stop), stop),
            Attacker.RepeatAsync(ListsAtOnce / attackers.Count, () => ListAsync(attacker, stop), stop),
        }));
    }

    public void Verify(AttackedShop shop, Answers answers)
    {
        _wrong += answers.Of(401);
        Assert.InRange(_wrong, 1, Attempts * _addresses);
        Assert.True(answers.Of(429) > 0, $"No password was refused unseen: {answers}");
        Assert.True(_addresses > 1 || answers.Of(503) > 0, $"No list was refused: {answers}");
    }

    private async Task TryPasswordAsync(Attacker attacker, CancellationToken stop)
    {
        var email = $"nobody{Interlocked.Increment(ref _serial)}@shop.test";
        await attacker.AskAsync("POST", "/api/session", $$"""{"email":"{{email}}","password":"wrong-battery"}""", stop);
        Interlocked.Increment(ref _passwords);
    }

    // Each list is different, as equal ones share a read.
    private async Task ListAsync(Attacker attacker, CancellationToken stop)
    {
        var serial = Interlocked.Increment(ref _serial);
        var path = $"{ShopFolder.Orders}?page={1 + (serial % 100)}&perPage={400 + (serial % 97)}";
        if (await attacker.GetAsync(path, stop) == 503)
        {
            await Task.WhenAny(Task.Delay(Pause, stop));
        }
    }
}
