using Kaffediem.IntegrationTests.Protocol.Fuzz;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Soak;

/// <summary>A leak that is planted in a series as a process shows it is found, and without one none is.</summary>
[Experiment("Soak")]
public sealed class GrowthTests
{
    private const double Megabyte = 1 << 20;
    private const int Series = 200;

    public static TheoryData<int> Minutes => [4, 48];

    [Theory]
    [MemberData(nameof(Minutes))]
    public void Garbage_that_comes_and_goes_is_no_growth(int minutes)
    {
        for (var seed = 0UL; seed < Series; seed++)
        {
            var growth = Growth.Of(Memory(seed, minutes, leaked: 0));

            Assert.True(Math.Abs(growth.Total) < 4 * Megabyte, $"{seed}: {growth}");
        }
    }

    [Theory]
    [MemberData(nameof(Minutes))]
    public void A_leak_beneath_it_is_found_and_measured(int minutes)
    {
        for (var seed = 0UL; seed < Series; seed++)
        {
            var growth = Growth.Of(Memory(seed, minutes, leaked: 16 * Megabyte));

            Assert.True(Math.Abs(growth.Total - (16 * Megabyte)) < 5 * Megabyte, $"{seed}: {growth}");
            Assert.Equal(growth.PerHour, growth.Total * 60 / minutes, 0.2 * growth.PerHour);
        }
    }

    [Fact]
    public void A_leak_of_handles_is_found_while_clients_come_and_go()
    {
        var random = new FuzzRandom(1);
        var steady = Enumerable.Range(0, 240).Select(i => (At(i), 2000.0 - random.Below(60))).ToList();
        var leaking = steady.Select((it, i) => (it.Item1, it.Item2 + (i / 2))).ToList();

        Assert.InRange(Growth.Of(steady).Total, -15, 15);
        Assert.InRange(Growth.Of(leaking).Total, 100, 130);
    }

    [Fact]
    public void A_step_at_the_beginning_is_no_slope_and_one_that_goes_on_is()
    {
        var once = Enumerable.Range(0, 240).Select(i => (At(i), i < 20 ? 80.0 : 100)).ToList();
        var steps = Enumerable.Range(0, 240).Select(i => (At(i), 80.0 + (10 * (i / 40)))).ToList();

        Assert.InRange(Growth.Of(once).Total, -1, 1);
        Assert.InRange(Growth.Of(steps).Total, 40, 60);
    }

    [Fact]
    public void How_sure_it_is_comes_of_the_noise()
    {
        var random = new FuzzRandom(1);
        var still = Growth.Of([.. Enumerable.Range(0, 240).Select(i => (At(i), 100.0))]);
        var restless = Growth.Of([.. Enumerable.Range(0, 240).Select(i => (At(i), 100.0 + random.Below(50)))]);

        Assert.Equal(0, still.Uncertainty);
        Assert.InRange(restless.Uncertainty, 0.5, 50);
    }

    [Fact]
    public void Too_few_samples_are_not_judged()
    {
        Assert.Throws<InvalidOperationException>(() => Growth.Of([(At(0), 1), (At(1), 1), (At(2), 1)]));
    }

    // Every second: what is held, garbage up to a budget of 24 MB, some of it older, pages that come and go, and a rare
    // moment at which much more is there.
    private static List<(TimeSpan At, double Value)> Memory(ulong seed, int minutes, double leaked)
    {
        var random = new FuzzRandom(seed);
        var (garbage, old, seconds) = (0.0, 0.0, minutes * 60);
        var series = new List<(TimeSpan, double)>();
        for (var i = 0; i <= seconds; i++)
        {
            garbage = garbage > 24 * Megabyte ? 0 : garbage + (random.Below(4000) / 1000.0 * Megabyte);
            old = i % 30 == 0 ? 0 : old + (Megabyte / 10);
            var pages = random.Below(1000) / 1000.0 * Megabyte;
            var rush = random.OneIn(40) ? 30 * Megabyte : 0;
            series.Add((At(i), (150 * Megabyte) + garbage + old + pages + rush + (leaked * i / seconds)));
        }

        return series;
    }

    private static TimeSpan At(int second) => TimeSpan.FromSeconds(second);
}
