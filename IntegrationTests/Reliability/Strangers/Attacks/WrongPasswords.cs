namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>
/// Wrong passwords, for the administrator and for others, and the right one of an account of Development.
/// </summary>
internal sealed class WrongPasswords : IAttack
{
    private const int AtOnce = 20;

    private int _serial;

    public string Name => "wrong passwords";

    public IReadOnlyList<Whereabouts> From => [Whereabouts.ShopsAddress, Whereabouts.SixAddresses];

    public Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop) =>
        Task.WhenAll(attackers.Select(attacker => Attacker.RepeatAsync(AtOnce, () => TryAsync(attacker, stop), stop)));

    public void Verify(AttackedShop shop, Answers answers) => Assert.Equal(0, answers.Of(200));

    private Task<int> TryAsync(Attacker attacker, CancellationToken stop)
    {
        var serial = Interlocked.Increment(ref _serial);
        var (email, password) = (serial % 4) switch
        {
            // What Development gives every new database.
            0 => ("admin@kaffediem.test", "kaffediem"),
            1 => ($"nobody{serial}@shop.test", "wrong-battery-staple"),
            _ => (YearOldFile.Administrator, "wrong-battery-staple"),
        };
        return attacker.AskAsync(
            "POST", "/api/session", $$"""{"email":"{{email}}","password":"{{password}}"}""", stop);
    }
}
