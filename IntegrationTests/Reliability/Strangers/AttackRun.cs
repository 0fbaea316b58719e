using System.Net;
using System.Security.Cryptography;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>One attack on a shop of its own, in rounds: quiet, attacked, and after it.</summary>
internal sealed class AttackRun(AttackedShop shop, IAttack attack, Whereabouts from, Action<string> tell)
{
    // A start, what is new in a kind once a minute, and some refusals.
    private const int MaxLogLines = 40;
    private const int Addresses = 6;

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(TestSettings.Pick(quick: 0.2, full: 1, @long: 10));
    private static readonly TimeSpan Attacked = TimeSpan.FromSeconds(
        TestSettings.Pick(quick: 0.5, full: 3, @long: 30));
    private static readonly TimeSpan After = Quiet;

    private static readonly int Rounds = TestSettings.Rounds(quick: 3, full: 3, @long: 3);

    private long? _memoryBefore;

    /// <summary>
    /// Lets it happen. In the quick and the full form one round has to be within the bounds, since the machine may have
    /// other work in the others; in the long form each round has to be.
    /// </summary>
    /// <returns>What took too long; <c>null</c>: nothing.</returns>
    public async Task<string?> TryAsync()
    {
        List<string> excesses = [];
        for (var round = 1; round <= Rounds; round++)
        {
            if (await RoundAsync() is { } excess)
            {
                excesses.Add(excess);
            }
            else if (!TestSettings.IsLong)
            {
                return null;
            }
        }

        return excesses.Count == 0 ? null : string.Join('\n', excesses);
    }

    private async Task<string?> RoundAsync()
    {
        shop.Times.Clear();
        shop.Server.Output.Clear();
        await shop.PassAsync(Phase.Quiet, Quiet);
        var before = shop.TakeMostMemory();
        _memoryBefore ??= before;
        var answers = new Answers();
        long growth;
        try
        {
            await AttackAsync(answers);
            await shop.PassAsync(Phase.After, After);
        }
        finally
        {
            growth = shop.TakeMostMemory() - _memoryBefore.Value;
            Tell(answers, growth);
        }

        Assert.True(growth <= attack.MayGrow, $"The memory grew by {growth >> 20} MB.");
        Assert.True(answers.Of(500) == 0, $"500 was answered {answers.Of(500)} times.");
        VerifyLog();
        attack.Verify(shop, answers);
        return ServiceBound.Excess(shop.Times, TestSettings.IsLong);
    }

    private async Task AttackAsync(Answers answers)
    {
        using var stop = new CancellationTokenSource();
        var attackers = CreateAttackers(answers);
        shop.Begin(Phase.Attacked);
        var attacking = attack.RunAsync(shop, attackers, stop.Token);
        try
        {
            await Polling.UntilAsync(() => attack.IsUnderWay || attacking.IsCompleted, Patience.ForTimeouts);
            await shop.PassAsync(Phase.Attacked, Attacked);
        }
        finally
        {
            await stop.CancelAsync();
            await attacking;
            attackers.ForEach(attacker => attacker.Dispose());
        }
    }

    private List<Attacker> CreateAttackers(Answers answers) => from switch
    {
        Whereabouts.OneAddress => [new Attacker(shop.Address, Loopback(2), answers)],
        Whereabouts.SixAddresses =>
            [.. Enumerable.Range(2, Addresses).Select(host => new Attacker(shop.Address, Loopback(host), answers))],
        Whereabouts.Network =>
        [
            .. Enumerable.Range(0, Addresses)
                .Select(_ => new Attacker(shop.Address, Loopback(1), answers, InNetwork)),
        ],
        Whereabouts.ProxyNetwork => [new Attacker(shop.Address, Loopback(1), answers, InProxyNetwork)],
        _ => [new Attacker(shop.Address, Loopback(1), answers)],
    };

    private static IPAddress Loopback(int host) => new([127, 0, 0, (byte)host]);

    // What the client has sent, another's address, and then what the proxy has seen: RFC 3849's network for
    // documentation.
    private static string InNetwork() =>
        $"{new IPAddress(RandomNumberGenerator.GetBytes(4))}, "
        + new IPAddress([0x20, 0x01, 0x0D, 0xB8, 0, 0x16, 0, 1, .. RandomNumberGenerator.GetBytes(8)]);

    // Again another's address, and then the client's own, which is in AttackedShop's network of proxies.
    private static string InProxyNetwork() => $"{new IPAddress(RandomNumberGenerator.GetBytes(4))}, 10.0.0.9";

    private void Tell(Answers answers, long growth)
    {
        foreach (var service in Enum.GetValues<Service>())
        {
            tell($"{service}: quiet {shop.Times.Of(service, Phase.Quiet)}, attacked "
                + $"{shop.Times.Of(service, Phase.Attacked)}, after {shop.Times.Of(service, Phase.After)}");
        }

        tell(
            $"memory {_memoryBefore >> 20} MB, +{growth >> 20} MB; {shop.Server.Output.Count} lines of the log; "
                + $"answered {answers}");
    }

    private void VerifyLog()
    {
        List<string> lines = [.. shop.Server.Output.Where(line => line.Length > 0)];
        var errors = lines.Where(line => ServerLog.LevelOf(line) is "fail" or "crit");
        Assert.True(!errors.Any(), string.Join('\n', errors.Take(5)));
        Assert.True(
            lines.Count <= MaxLogLines,
            $"{lines.Count} lines of the log: "
                + $"{string.Join('\n', lines.GroupBy(KindOf).Select(kind => $"{kind.Count()} x {kind.First()}"))}");
        Assert.DoesNotContain(lines, line => line.Contains(YearOldFile.Password, StringComparison.Ordinal));
    }

    // "2026-11-24T10:00:00Z warn: category[0] text"
    private static string KindOf(string line) => string.Join(' ', line.Split(' ').Skip(1).Take(4));
}
