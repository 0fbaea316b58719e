using System.Globalization;
using Kaffediem.IntegrationTests.Reliability.Soak;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Reliability.Hostile;

/// <summary>
/// A tenth of the subscribers stop reading: the others are told of everything as fast as before, the
/// memory stays within what the option allows, and those who stopped are cut off, counted, and whole again after they
/// have come back. The long form, of 1,000 and of several rounds, also asserts the times.
/// </summary>
[Experiment("Stalled")]
public sealed class StalledTests(ITestOutputHelper output)
{
    private const double MaxSlowdown = 1.2;

    // What the collector of garbage has not come to: it knows no clients.
    private const long SlackBytes = 64 << 20;

    private static readonly int Subscribers = TestSettings.Pick(quick: 60, full: 500, @long: 1000);
    private static readonly int Sleepers = Subscribers / 10;

    [Fact]
    public async Task A_tenth_that_reads_nothing_harms_only_itself()
    {
        var rounds = TestSettings.Rounds(quick: 1, full: 1, @long: 9);
        using var run = await StalledRun.StartAsync(Subscribers - Sleepers);
        await run.MeasureAsync(); // what is compiled and allocated once is so before
        List<PhaseFigures> alone = [], reading = [], stalled = [];
        for (var round = 1; round <= rounds; round++)
        {
            alone.Add(await run.MeasureAsync());
            // In turn: what comes later in a round is not to be the slower one because of that.
            if (round % 2 == 1)
            {
                reading.Add(await run.MeasureBesideReadersAsync(Sleepers));
                stalled.Add(await run.MeasureBesideStalledAsync(Sleepers));
            }
            else
            {
                stalled.Add(await run.MeasureBesideStalledAsync(Sleepers));
                reading.Add(await run.MeasureBesideReadersAsync(Sleepers));
            }

            Tell($"round {round}", alone[^1], reading[^1], stalled[^1]);
            run.VerifyReaders();
        }

        var medians = (Alone: Medians(alone), Reading: Medians(reading), Stalled: Medians(stalled));
        Tell("medians", medians.Alone, medians.Reading, medians.Stalled);
        output.WriteLine($"{run.Tally}");
        Assert.True(run.Tally.Of("joins since Last, recovered: True") > 0, "Nobody came back with what it had.");
        var growth = medians.Stalled.Bytes - medians.Alone.Bytes;
        Assert.True(
            growth < (Sleepers * (long)new PhoenixOptions().MaxOutboxBytes) + SlackBytes,
            $"The memory grew by {growth} bytes.");
        Assert.True(
            !TestSettings.IsLong || medians.Stalled.P99 <= MaxSlowdown * medians.Reading.P99,
            $"p99 is {medians.Stalled.P99} ms with the stalled ones, and {medians.Reading.P99} ms when they read");
    }

    /// <summary>That they are counted by the meter, a process from outside does not see.</summary>
    [Fact]
    public async Task Clients_cut_off_are_counted_by_the_meter()
    {
        await using var server = KaffediemServer.Start();
        using var meter = new MeterReader(server.Services);
        using var client = server.CreateClient();
        using var honest = await ScreenClient.JoinAsync(server.BaseAddress, "order");
        List<IDisposable> stalled = [];
        for (var i = 0; i < 5; i++)
        {
            stalled.Add(
                await HostileSocket.JoinedAsync(
                    server.BaseAddress, """["1","1","collection:message","phx_join",{}]"""));
            var polls = await LongPollClient.OpenAsync(server.BaseAddress);
            await polls.PostAsync("""["1","1","collection:message","phx_join",{}]""");
            stalled.Add(polls);
        }

        while (meter["phoenix.closes"].Values.Sum() < stalled.Count)
        {
            (await client.PostAsync("/api/collections/message/records", $$"""{"title":"{{new string('x', 60_000)}}"}"""))
                .Is(201);
        }

        Assert.All(meter["phoenix.closes"].Keys, sum => Assert.StartsWith("code=1013 ", sum, StringComparison.Ordinal));
        (await client.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder)).Is(201);
        await honest.ReachAsync(1);
        stalled.ForEach(each => each.Dispose());
    }

    private static PhaseFigures Medians(IEnumerable<PhaseFigures> phases)
    {
        var all = phases.ToList();
        return new PhaseFigures(
            Growth.Median(all.Select(it => it.Median)),
            Growth.Median(all.Select(it => it.P99)),
            all.Max(it => it.Bytes));
    }

    private void Tell(string what, PhaseFigures alone, PhaseFigures reading, PhaseFigures stalled) =>
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: {Subscribers - Sleepers} alone {Text(alone)}; {Sleepers} more read {Text(reading)}; "
            + $"{Sleepers} more are stalled {Text(stalled)}; p99 x {stalled.P99 / reading.P99:F2}, x "
            + $"{stalled.P99 / alone.P99:F2}"));

    private static string Text(PhaseFigures figures) => string.Create(
        CultureInfo.InvariantCulture,
        $"median {figures.Median:F1} ms, p99 {figures.P99:F1} ms, {figures.Bytes >> 20} MB");
}
