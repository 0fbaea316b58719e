using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;
using Kaffediem.IntegrationTests.Shop.Servers;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>
/// Whatever strangers do, the shop goes on: orders, health checks and sign-ins take about as long as before, none of
/// the shop's people is refused or misses anything, and the server's memory stays within a bound. Each attack is
/// compared with a quiet phase on the same server. The quick and the full form compare medians and repeat a
/// round in which the machine was busy; the long form also asserts the times, with attackers from everywhere.
/// </summary>
[Experiment("Strangers")]
[Collection(nameof(OnItsOwn))]
public sealed class StrangerTests(YearOldFile year, ITestOutputHelper output)
{
    public static IEnumerable<TheoryDataRow<string, Whereabouts>> Attacks => All.SelectMany(
        attack => TestSettings.IsLong ? Enum.GetValues<Whereabouts>() : attack.From,
        (attack, from) => new TheoryDataRow<string, Whereabouts>(attack.Name, from) { Skip = WhySkipped(attack) });

    private static IReadOnlyList<IAttack> All =>
    [
        .. SimpleAttacks.All, new CustomerOrders(), EndlessBodies.Attack, new ForgedAddresses(),
        new DeveloperSessions(), new ForeignPages(),
    ];

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Strangers_do_not_stop_the_shop(string name, Whereabouts from)
    {
        var attack = All.Single(it => it.Name == name);
        await using var shop = await AttackedShop.OpenAsync(year, attack, from);
        var run = new AttackRun(shop, attack, from, Report);
        var excess = await run.TryAsync();
        await shop.CloseAsync();
        Assert.True(excess is null, excess);

        void Report(string what) => output.WriteLine($"{name}, {from}: {what}");
    }

    [Fact]
    public Task Further_attacks_do_not_stop_it_either() =>
        // Every eighth: lists, joins, and links beside the backups.
        TryInTurnAsync(TestSettings.IsQuick
            ? [.. Combinations.All.Where((_, index) => index % 8 == 0)]
            : [.. Combinations.All, .. SlowConnections.All]);

    // The quick form has seven of them at once, and one that comes through a proxy.
    private static string? WhySkipped(IAttack attack) =>
        TestSettings.IsQuick && attack is not (ParallelAttacks or ForgedAddresses)
            ? "KAFFEDIEM_TESTS=full has this attack alone."
            : null;

    // One after another, on one server.
    private async Task TryInTurnAsync(IReadOnlyList<IAttack> attacks)
    {
        await using var shop = await AttackedShop.OpenAsync(year, attacks[0], Whereabouts.SixAddresses);
        List<string> excesses = [];
        foreach (var attack in attacks)
        {
            await attack.PrepareAsync(shop);
            var run = new AttackRun(
                shop, attack, Whereabouts.SixAddresses, what => output.WriteLine($"{attack.Name}: {what}"));
            if (await run.TryAsync() is { } excess)
            {
                excesses.Add($"{attack.Name}: {excess}");
            }
        }

        await shop.CloseAsync();
        Assert.True(excesses.Count == 0, string.Join('\n', excesses));
    }

    /// <summary>Only the server is measured, so no other tests run at the same time.</summary>
    [CollectionDefinition(nameof(OnItsOwn), DisableParallelization = true)]
    public sealed class OnItsOwn : ICollectionFixture<YearOldFile>;
}

/// <summary>One attack on one shop, in rounds: quiet, attacked, and after it.</summary>
file sealed class AttackRun(AttackedShop shop, IAttack attack, Whereabouts from, Action<string> report)
{
    // A start, one line a minute for each kind, and some refusals.
    private const int MaxLogLines = 40;
    private const int Addresses = 6;

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(TestSettings.Pick(quick: 0.2, full: 1, @long: 10));
    private static readonly TimeSpan Attacked = TimeSpan.FromSeconds(
        TestSettings.Pick(quick: 0.5, full: 3, @long: 30));
    private static readonly TimeSpan After = Quiet;

    private static readonly int Rounds = TestSettings.Rounds(quick: 3, full: 3, @long: 3);

    private long? _memoryBefore;

    /// <summary>
    /// Runs rounds: in the quick and the full form until one is within the bounds, as the machine may have other work;
    /// in the long form each round has to be.
    /// </summary>
    /// <returns>The exceeded bounds; <c>null</c>: none.</returns>
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
            Report(answers, growth);
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

    // A forged address from the client, and then the address that the proxy has seen, in the documentation network of
    // RFC 3849.
    private static string InNetwork() =>
        $"{new IPAddress(RandomNumberGenerator.GetBytes(4))}, "
        + new IPAddress([0x20, 0x01, 0x0D, 0xB8, 0, 0x16, 0, 1, .. RandomNumberGenerator.GetBytes(8)]);

    // A forged address, and then the client's own, which is in the proxies' network of AttackedShop.
    private static string InProxyNetwork() => $"{new IPAddress(RandomNumberGenerator.GetBytes(4))}, 10.0.0.9";

    private void Report(Answers answers, long growth)
    {
        foreach (var service in Enum.GetValues<Service>())
        {
            report($"{service}: quiet {shop.Times.Of(service, Phase.Quiet)}, attacked "
                + $"{shop.Times.Of(service, Phase.Attacked)}, after {shop.Times.Of(service, Phase.After)}");
        }

        report(
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

/// <summary>The time a service may take while strangers attack, and after they have gone.</summary>
/// <param name="Service">The service.</param>
/// <param name="Noise">How slow a quiet server may be on a machine with other work, in milliseconds.</param>
/// <param name="Always">No request may take longer, in milliseconds.</param>
file sealed record ServiceBound(Service Service, double Noise, double Always)
{
    private const double MostTimes = 5;

    public static readonly IReadOnlyList<ServiceBound> All =
    [
        new(Service.Order, Noise: 250, Always: 1000),
        new(Service.Health, Noise: 250, Always: 1000),
        new(Service.SignIn, Noise: 2500, Always: 5000),
        new(Service.Join, Noise: 2500, Always: 5000),
    ];

    /// <summary>An exceeded bound; <c>null</c>: none.</summary>
    /// <param name="times">The times of one round.</param>
    /// <param name="isStrict">
    /// Whether the slowest requests count; on a machine with other work only the median means anything.
    /// </param>
    public static string? Excess(ServiceTimes times, bool isStrict) => All
        .SelectMany(
            bound => new[] { Phase.Attacked, Phase.After }, (bound, phase) => bound.Excess(times, phase, isStrict))
        .FirstOrDefault(excess => excess is not null);

    private string? Excess(ServiceTimes times, Phase phase, bool isStrict)
    {
        var (quiet, now) = (times.Of(Service, Phase.Quiet), times.Of(Service, phase));
        var most = Math.Max(MostTimes * quiet.P99, Noise);
        return (isStrict ? now.P99 : now.Median) > most ? Say($"more than {most:F0} ms")
            : isStrict && now.Longest > Always ? Say($"one took more than {Always:F0} ms")
            : null;

        string Say(FormattableString what) =>
            $"{Service}, {phase}: {now}, quiet {quiet}: {what.ToString(CultureInfo.InvariantCulture)}";
    }
}
