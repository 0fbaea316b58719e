using System.Diagnostics;
using Kaffediem.IntegrationTests.Protocol.Fuzz;
using Kaffediem.IntegrationTests.Realtime.Property;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Soak;

/// <summary>
/// A server with a crowd of guests, twice: the first time it grows as large as it honestly does, and all go; the second
/// time it must not grow, and when all have gone again it must be as it was after the first.
/// </summary>
internal sealed class SoakRun : IDisposable
{
    /// <summary>The files, at most, that SQLite's readers open when they are first needed.</summary>
    public const int FilesOpenedLater = 16;

    // With the diagnostics port, over which the runtime is asked to collect its garbage: what is left then is held. And
    // with a nursery of 4 MB instead of one as large as the processor's cache, tens of them, whose ups and downs would
    // hide for long what is not the runtime's.
    private const string Collectable =
        """
        export DOTNET_EnableDiagnostics=1 DOTNET_GCgen0size=0x400000; exec "$@"
        """;

    private const int Staff = 2;
    private const int Tills = 8;
    private const int CollectionsPerWave = 24;

    // Growth needs two for each of its windows.
    private const int FewestSamples = 2 * Growth.FewestWindows;

    // The runtime gives a region back after it was free in twenty of them; each time there are two.
    private static readonly int CollectionsAtRest = TestSettings.Pick(quick: 2, full: 12, @long: 12);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);

    // Until long-poll sessions that nobody polls any more are over (10 s), and what keeps connections has let go.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(TestSettings.Pick(quick: 12, full: 20, @long: 20));

    // Until the crowd has come.
    private static readonly TimeSpan Arrival = Crowd.Arriving * 1.5;

    private readonly ShopFolder _folder = ShopFolder.WithSample();
    private readonly ulong _seed;
    private readonly int _guests;
    private readonly Action<string> _tell;
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private ServerProcess? _server;
    private RestClient? _client;
    private SoakShop? _shop;
    private List<Employee> _staff = [];
    private List<Till> _tills = [];
    private TimeSpan _told;

    public SoakRun(ulong seed, int guests, Action<string> tell) => (_seed, _guests, _tell) = (seed, guests, tell);

    public Tally Tally { get; } = new();

    /// <summary>How often it tells how far it is.</summary>
    public required TimeSpan Progress { get; init; }

    public ServerLog Log => _shop!.Log;

    public ToldCheck Told => _shop!.Told;

    /// <summary>The process: after the start, and with nobody there after each crowd.</summary>
    public List<ProcessState> AtRest { get; } = [];

    /// <summary>The process with the second crowd, right after a collection.</summary>
    public List<(TimeSpan At, ProcessState State)> Samples { get; } = [];

    public TimeSpan ServerTime => ProcessState.ProcessorTime(_server!.Id);

    /// <summary>What is in the database, its log included.</summary>
    public long DatabaseBytes =>
        _folder.Query<long>("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").Single();

    public async Task StartAsync()
    {
        _server = await ServerProcess.StartAsync(
            _folder.Database, Collectable, $"--Orders:TimeZone={MiddayZone.Name}", "--Database:KeepChanges=20000");
        _shop = new SoakShop(_server.BaseAddress, new ServerLog(_server.Output), new ToldCheck(), Tally, new Faults());
        _client = _server.CreateClient();
        _staff = [.. Enumerable.Range(1, Staff).Select(it =>
            new Employee(it, FuzzRandom.Of(_seed, "employee", it), _shop))];
        _tills = [.. Enumerable.Range(1, Tills).Select(it =>
            new Till(it, FuzzRandom.Of(_seed, "till", it), _shop.Address) { Customers = Guest.Customers })];
        foreach (var employee in _staff)
        {
            await employee.HireAsync(_folder.Database);
            await employee.WorkAsync();
        }

        await SoakLists.ReadAsync(_client, _server.BaseAddress);
        AtRest.Add(await CollectAsync());
    }

    /// <summary>Has a crowd come, stay for some time and go.</summary>
    /// <param name="time">How long.</param>
    /// <param name="isMeasured">Whether it is the crowd with which nothing may grow.</param>
    public async Task CrowdAsync(TimeSpan time, bool isMeasured)
    {
        using var crowd = new Crowd(AtRest.Count, _guests, _seed, _shop!, _tills, _staff);
        var (start, next) = (_time.Elapsed, Arrival);
        while (_time.Elapsed - start < time || (isMeasured && Samples.Count < FewestSamples))
        {
            await Task.Delay(1000);
            Verify();
            if (isMeasured && _time.Elapsed - start >= next)
            {
                next += (time - Arrival) / CollectionsPerWave;
                Samples.Add((_time.Elapsed, await CollectAsync()));
            }
        }

        await crowd.EndAsync(() => SoakLists.ReadAsync(_client!, _server!.BaseAddress));
        AtRest.Add(await RestAsync(AtRest[^1].Handles + FilesOpenedLater));
        Verify();
    }

    /// <summary>Ends it as a shop's machine does.</summary>
    public async Task StopAsync()
    {
        Assert.Equal(0, await _server!.StopAsync());
        Verify();
    }

    public void Dispose()
    {
        _tills.ForEach(till => till.Dispose());
        _client?.Dispose();
        _server?.Dispose();
        _folder.Dispose();
    }

    private void Verify()
    {
        var (shop, server) = (_shop!, _server!);
        shop.Log.Read();
        Assert.True(shop.Log.Faults.Count == 0, $"The server's output: {string.Join('\n', shop.Log.Faults)}");
        shop.Told.Verify(ReadLog).ForEach(shop.Faults.Add);
        shop.Faults.Verify();
        if (_time.Elapsed - _told >= Progress)
        {
            _told = _time.Elapsed;
            var state = ProcessState.Read(server.Id);
            _tell(
                $"{_told.TotalMinutes:F1} min: {state.Held >> 20} MB, {state.Handles} handles, {state.Threads} "
                + "threads, "
                + $"{Tally.Of("connections")} connections, {Tally.Of("writes")} writes");
        }
    }

    private async Task<ProcessState> RestAsync(int mostHandles)
    {
        var waiting = Stopwatch.StartNew();
        while (ProcessState.Read(_server!.Id) is { } state && state.Handles > mostHandles)
        {
            Assert.True(
                waiting.Elapsed < Patience, $"Everybody has gone, and there are still {state.Handles} handles.");
            await Task.Delay(500);
        }

        await Task.Delay(Rest);
        var rest = await CollectAsync();
        for (var i = 1; i < CollectionsAtRest; i++)
        {
            var next = await CollectAsync();
            rest = next.Held < rest.Held ? next : rest;
        }

        return rest;
    }

    private async Task<ProcessState> CollectAsync()
    {
        var live = await LiveHeap.MeasureAsync(_server!.Id);
        return ProcessState.Read(_server.Id) with { Live = live };
    }

    private List<LoggedChange> ReadLog(long after) => SqliteFile.Query<LoggedChange>(
        _folder.Database,
        $"""
          SELECT seq AS Seq, collection AS Collection,
                 before ->> 'customer_id' AS CustomerBefore, after ->> 'customer_id' AS CustomerAfter
            FROM change_log
           WHERE seq > {after}
             AND action <> 'day_over'
        ORDER BY seq
        """);
}
