using Kaffediem.IntegrationTests.Shop.Servers;

namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>
/// A server in Development, which signs in a browser on its own machine. Pages whose names resolve to it (DNS
/// rebinding) and clients of a local proxy try to get that session; scripts without cookies create one session after
/// another.
/// </summary>
internal sealed class DeveloperSessions : IAttack
{
    private const int AtOnce = 16;
    private const string Session = "/api/session";
    private const string CountSessions = "SELECT COUNT(*) FROM session";

    // The shop's administrator signs in and out during the attack.
    private const int SessionsOfTheShop = 1;

    private int _serial;
    private int _given;
    private long _sessions;

    public string Name => "sessions of the developer";

    public IReadOnlyList<Whereabouts> From => [Whereabouts.ShopsAddress];

    public string Environment => "Development";

    // In Development every change is logged, and so every order of the shop.
    public IReadOnlyList<string> Settings =>
        ["--Logging:LogLevel:Kaffediem.Server.Realtime.BroadcastLog=Warning"];

    public Task PrepareAsync(AttackedShop shop)
    {
        _sessions = shop.Query<long>(CountSessions).Single();
        return Task.CompletedTask;
    }

    public Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop) =>
        Task.WhenAll(attackers.Select(attacker => Attacker.RepeatAsync(AtOnce, () => AskAsync(attacker, stop), stop)));

    public void Verify(AttackedShop shop, Answers answers)
    {
        Assert.Equal(0, Volatile.Read(ref _given));
        Assert.True(answers.Of(403) > 0, $"No write of a rebound page was refused: {answers}");
        Assert.InRange(shop.Query<long>(CountSessions).Single(), 0, _sessions + SessionsOfTheShop);
    }

    private Task AskAsync(Attacker attacker, CancellationToken stop)
    {
        var serial = Interlocked.Increment(ref _serial);
        var host = $"rebound{serial}.example:4000";
        return (serial % 5) switch
        {
            0 => attacker.GetAsync(Session, stop), // a script on the machine: it gets a session and drops it
            1 => attacker.AskAsync(
                "POST", ShopFolder.Orders, ShopFolder.AnOrder, stop, ("Host", host), ("Origin", $"http://{host}")),
            2 => AskInVainAsync(attacker, ("Host", host), stop),
            3 => AskInVainAsync(attacker, ("X-Forwarded-For", $"192.0.2.{serial % 256}"), stop),
            _ => AskInVainAsync(attacker, ("Via", "1.1 proxy"), stop),
        };
    }

    private async Task AskInVainAsync(Attacker attacker, (string Name, string Value) header, CancellationToken stop)
    {
        if (await attacker.GetAsync(Session, stop, header) == 200)
        {
            Interlocked.Increment(ref _given);
        }
    }
}
