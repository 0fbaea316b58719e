using Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>
/// Whatever strangers do, the shop goes on: orders, health and signing in take about as long as before, nobody of the
/// shop is refused or misses anything, and the server's memory stays within a bound. Each attack is compared with quiet
/// on the same server. The short form compares medians, and repeats a round in which the machine had other work; the long
/// form also asserts the seconds, and has the attackers come from everywhere.
/// </summary>
[Collection(nameof(OnItsOwn))]
public sealed class StrangerTests(YearOldFile year, ITestOutputHelper output)
{
    private const int MaxAttempts = 3;

    public static IEnumerable<TheoryDataRow<string, Whereabouts>> Attacks => All.SelectMany(
        attack => ReliabilitySettings.IsLong ? Enum.GetValues<Whereabouts>() : attack.From,
        (attack, from) => new TheoryDataRow<string, Whereabouts>(attack.Name, from));

    private static IReadOnlyList<IAttack> All { get; } =
    [
        new EventStreamsHungUp(), new SinceJoins(), new SortedPages(), new UnreadLists(), new MalformedHosts(),
        new WrongPasswords(), new LongPollPlaces(), new CustomerOrders(), new ManyHosts(), new StaffPresence(),
        new InventedSessions(), new Reloads(), new EndlessBodies(),
    ];

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Strangers_do_not_stop_the_shop(string name, Whereabouts from)
    {
        var attack = All.Single(it => it.Name == name);
        await using var shop = await AttackedShop.OpenAsync(year, attack, from);
        var run = new AttackRun(shop, attack, from, Tell);
        List<string?> excesses = [];
        for (var round = 1; round <= ReliabilitySettings.Rounds(shortForm: MaxAttempts, longForm: 3); round++)
        {
            excesses.Add(await run.RoundAsync());
            if (excesses[^1] is null && !ReliabilitySettings.IsLong)
            {
                break;
            }
        }

        await shop.CloseAsync();
        Assert.True(
            ReliabilitySettings.IsLong ? excesses.TrueForAll(it => it is null) : excesses[^1] is null,
            string.Join('\n', excesses));

        void Tell(string what) => output.WriteLine($"{name}, {from}: {what}");
    }

    /// <summary>What is measured is the server, so nothing else runs meanwhile.</summary>
    [CollectionDefinition(nameof(OnItsOwn), DisableParallelization = true)]
    public sealed class OnItsOwn : ICollectionFixture<YearOldFile>;
}
