using Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;
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

    // The quick form has seven of them at once, and those that meet a server or come from places of their own.
    private static string? WhySkipped(IAttack attack) =>
        TestSettings.IsQuick
            && attack is not (ParallelAttacks or CustomerOrders or ForgedAddresses or DeveloperSessions or ForeignPages)
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
