using System.Globalization;
using Kaffediem.IntegrationTests.Shop;
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

/// <summary>The results of one phase.</summary>
/// <param name="Median">From the write to a reader, in milliseconds.</param>
/// <param name="P99">The 99th percentile of the same.</param>
/// <param name="Bytes">The largest resident memory of the server.</param>
internal sealed record PhaseFigures(double Median, double P99, long Bytes);

/// <summary>
/// A crowd that reads the orders of one server, and other clients beside it that stop reading and resume. Those also
/// receive long messages, so that their outboxes fill up quickly.
/// </summary>
file sealed class StalledRun : IDisposable
{
    // In bytes; a hundred of them are more than the kernel buffers and the option allows.
    private const int LongText = 40_000;
    private const int Changes = 120;
    private const int ConnectAtOnce = 50;
    private const string Order = $"{ShopFolder.Orders}/1";
    private const string Messages = "/api/collections/message/records";

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(20);

    private static readonly (Wire Wire, ResumeFrom Since)[] Sleepers =
    [
        (Wire.V2WebSocket, ResumeFrom.Last), (Wire.V2WebSocket, ResumeFrom.Nothing),
        (Wire.V2WebSocket, ResumeFrom.Last), (Wire.V2WebSocket, ResumeFrom.Nothing),
        (Wire.V1WebSocket, ResumeFrom.Last), (Wire.V1WebSocket, ResumeFrom.Nothing),
        (Wire.V2WebSocket, ResumeFrom.Last), (Wire.V2WebSocket, ResumeFrom.Nothing),
        (Wire.V2LongPoll, ResumeFrom.Last), (Wire.V2LongPoll, ResumeFrom.Nothing),
    ];

    private readonly ShopFolder _shop;
    private readonly ServerProcess _server;
    private readonly RestClient _client;
    private readonly ChangeClock _clock = new();
    private readonly Faults _faults = new();
    private List<CrowdReader> _readers = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _beating = Task.CompletedTask;
    private string _message = "";
    private int _serial;

    private StalledRun(ShopFolder shop, ServerProcess server) =>
        (_shop, _server, _client) = (shop, server, server.CreateClient());

    /// <summary>What the sleeping clients did.</summary>
    public Tally Tally { get; } = new();

    public static async Task<StalledRun> StartAsync(int readers)
    {
        var shop = await ShopFolder.WithOrdersAsync();
        var server = await ServerProcess.StartAsync(
            shop.Database, ServerProcess.AsItIs, "--Logging:LogLevel:Kaffediem=Debug");
        var run = new StalledRun(shop, server);
        run._message =
            $"{Messages}/{(await run._client.PostAsync(Messages, """{"title":"Hei"}""")).Is(201).GetProperty("id")}";
        run._readers = await run.JoinAsync(readers, run._clock, "order");
        run._beating = run.BeatAsync();
        return run;
    }

    /// <summary>Writes, one change at a time, and measures.</summary>
    public async Task<PhaseFigures> MeasureAsync()
    {
        var bytes = ProcessState.Read(_server.Id).Resident;
        for (var i = 0; i < Changes; i++)
        {
            (await _client.PatchAsync(_message, $$"""{"title":"{{++_serial}}{{new string('x', LongText)}}"}"""))
                .Is(200);
            _clock.Start(_readers.Count);
            (await _client.PatchAsync(Order, $$"""{"customer_id":{{++_serial}}}""")).Is(200);
            await _clock.AllAsync();
            bytes = Math.Max(bytes, ProcessState.Read(_server.Id).Resident);
        }

        var times = _clock.Take();
        return new PhaseFigures(times[times.Count / 2], times[times.Count * 99 / 100], bytes);
    }

    /// <summary>Measures while further subscribers read everything.</summary>
    public async Task<PhaseFigures> MeasureBesideReadersAsync(int count)
    {
        var others = await JoinAsync(count, clock: null, [.. WatchingScreen.Collections]);

        var figures = await MeasureAsync();

        others.ForEach(reader => reader.Dispose());
        await Polling.UntilAsync(() => Open == _readers.Count);
        return figures;
    }

    /// <summary>
    /// Measures while further subscribers read nothing; then they are cut off, resume, reconnect and show the current
    /// records.
    /// </summary>
    public async Task<PhaseFigures> MeasureBesideStalledAsync(int count)
    {
        using var stop = new CancellationTokenSource();
        var sleep = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        List<WatchingScreen> sleepers =
            [.. Enumerable.Range(0, count).Select(index => Sleeper(index, Sleepers[index % Sleepers.Length]))];
        var watching = Task.WhenAll(sleepers.Select(screen => screen.RunAsync(stop.Token)));
        await ShowAsync(sleepers);
        var before = Closes.Count;
        sleepers.ForEach(sleeper => sleeper.Asleep = sleep.Task);

        var figures = await MeasureAsync();

        await Polling.UntilAsync(() => Closes.Count >= before + count);
        Assert.All(Closes[before..], close => Assert.Matches("with (1013: (outbox full|stalled)|1002: idle)", close));
        Assert.Equal(before + count, Closes.Count);
        sleep.SetResult();
        await ShowAsync(sleepers);
        await stop.CancelAsync();
        await watching;
        await Polling.UntilAsync(() => Open == _readers.Count); // long-poll sessions end later
        return figures;
    }

    /// <summary>
    /// Every reader is still connected and has received each change of the orders, once and in order.
    /// </summary>
    public void VerifyReaders()
    {
        _faults.Verify();
        Assert.False(_beating.IsCompleted, $"{_beating.Exception}");
        var log = _shop.Query<long>(
            "SELECT seq FROM change_log WHERE collection = 'order' AND action = 'update' ORDER BY seq");
        Assert.All(_readers, reader =>
        {
            Assert.False(reader.Reading.IsCompleted, "A reader was disconnected.");
            Assert.Equal(log, reader.Seqs);
        });
    }

    public void Dispose()
    {
        _stop.Cancel();
        _readers.ForEach(reader => reader.Dispose());
        _client.Dispose();
        _server.Dispose();
        _shop.Dispose();
        _stop.Dispose();
    }

    // Connections that the server closed for any reason.
    private List<string> Closes => [.. Logged("CLOSED a connection")];

    // A long-poll client that comes back has had another session in between.
    private int Open => Logged("CONNECTED to ").Count() - Closes.Count;

    private async Task<List<CrowdReader>> JoinAsync(int count, ChangeClock? clock, params string[] collections)
    {
        List<CrowdReader> joined = [];
        while (joined.Count < count)
        {
            joined.AddRange(
                await Task.WhenAll(Enumerable.Range(0, Math.Min(count - joined.Count, ConnectAtOnce)).Select(
                index => CrowdReader.JoinAsync(_server.BaseAddress, index % 4 == 0 ? 1 : 2, clock, collections))));
        }

        return joined;
    }

    private IEnumerable<string> Logged(string what) =>
        _server.Output.Where(line => line.Contains(what, StringComparison.Ordinal));

    private async Task BeatAsync()
    {
        while (await Task.WhenAny(Task.Delay(Heartbeat, _stop.Token)) is { IsCompletedSuccessfully: true })
        {
            await Task.WhenAll(_readers.Select(reader => reader.BeatAsync()));
        }
    }

    private WatchingScreen Sleeper(int index, (Wire Wire, ResumeFrom Since) it) => new(
        $"sleeper {index} ({it.Wire}, since {it.Since})", _server.BaseAddress, it.Wire, it.Since, Tally, _faults);

    private async Task ShowAsync(List<WatchingScreen> screens)
    {
        var lists = await RecordList.ReadAsync(_client, WatchingScreen.Collections);
        await Task.WhenAll(screens.Select(screen => screen.ShowAsync(lists)));
    }
}
