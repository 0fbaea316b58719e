using System.Globalization;
using Kaffediem.IntegrationTests.Shop.Screens;
using Kaffediem.IntegrationTests.Shop.Servers;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Reliability.Hostile;

/// <summary>
/// A tenth of the subscribers stop reading: the others receive everything as fast as before, the memory stays within
/// the option's bound, and the stalled ones are cut off, counted, and complete again after a reconnect. The long form,
/// with 1,000 subscribers and several rounds, also asserts the times.
/// </summary>
[Experiment("Stalled")]
public sealed class StalledTests(ITestOutputHelper output)
{
    private const double MaxSlowdown = 1.2;

    // Garbage that is not collected yet: it does not depend on the clients.
    private const long SlackBytes = 64 << 20;

    private static readonly int Subscribers = TestSettings.Pick(quick: 60, full: 500, @long: 1000);
    private static readonly int Sleepers = Subscribers / 10;

    [Fact]
    public async Task Tenth_that_stops_reading_harms_only_itself()
    {
        var rounds = TestSettings.Rounds(quick: 1, full: 1, @long: 9);
        using var run = await StalledRun.StartAsync(Subscribers - Sleepers);
        await run.MeasureAsync(); // so that one-time compilation and allocation is done
        List<PhaseFigures> alone = [], reading = [], stalled = [];
        for (var round = 1; round <= rounds; round++)
        {
            alone.Add(await run.MeasureAsync());
            // In turn: a phase must not be slower because it comes later in a round.
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

            Report($"round {round}", alone[^1], reading[^1], stalled[^1]);
            run.VerifyReaders();
        }

        var medians = (Alone: Medians(alone), Reading: Medians(reading), Stalled: Medians(stalled));
        Report("medians", medians.Alone, medians.Reading, medians.Stalled);
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

    /// <summary>The meter counts them; another process cannot see that.</summary>
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
                await JoinedClient.JoinedAsync(
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

    private void Report(string what, PhaseFigures alone, PhaseFigures reading, PhaseFigures stalled) =>
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: {Subscribers - Sleepers} alone {Text(alone)}; {Sleepers} more read {Text(reading)}; "
            + $"{Sleepers} more are stalled {Text(stalled)}; p99 x {stalled.P99 / reading.P99:F2}, x "
            + $"{stalled.P99 / alone.P99:F2}"));

    private static string Text(PhaseFigures figures) => string.Create(
        CultureInfo.InvariantCulture,
        $"median {figures.Median:F1} ms, p99 {figures.P99:F1} ms, {figures.Bytes >> 20} MB");
}
