using Kaffediem.IntegrationTests.Shop;
using Kaffediem.IntegrationTests.Shop.Screens;
using Kaffediem.IntegrationTests.Shop.Servers;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Hostile;

/// <summary>The results of one phase.</summary>
/// <param name="Median">From the write to a reader, in milliseconds.</param>
/// <param name="P99">The 99th percentile of the same.</param>
/// <param name="Bytes">The largest resident memory of the server.</param>
internal sealed record PhaseFigures(double Median, double P99, long Bytes);

/// <summary>
/// A crowd that reads the orders of one server, and other clients beside it that stop reading and resume. Those also
/// receive long messages, so that their outboxes fill up quickly.
/// </summary>
internal sealed class StalledRun : IDisposable
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
