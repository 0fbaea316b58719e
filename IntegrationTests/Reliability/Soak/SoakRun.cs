using System.Diagnostics;
using Kaffediem.IntegrationTests.Shop;
using Kaffediem.IntegrationTests.Shop.Logs;
using Kaffediem.IntegrationTests.Shop.Screens;
using Kaffediem.IntegrationTests.Shop.Servers;
using Kaffediem.IntegrationTests.Shop.Tills;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Soak;

/// <summary>
/// A server with a crowd of guests, twice. With the first crowd it grows to its normal size; with the second it must
/// not grow, and after it must be as after the first.
/// </summary>
internal sealed class SoakRun : IDisposable
{
    /// <summary>The files, at most, that SQLite's readers open when they are first needed.</summary>
    public const int FilesOpenedLater = 16;

    // With the diagnostics port, for requesting a collection: what is left then is held. And with a nursery of 4 MB
    // instead of one as large as the processor's cache, tens of MB, whose fluctuation would hide growth.
    private const string Collectable =
        """
        export DOTNET_EnableDiagnostics=1 DOTNET_GCgen0size=0x400000; exec "$@"
        """;

    private const int Staff = 2;
    private const int Tills = 8;
    private const int CollectionsPerWave = 24;

    // Growth needs two for each of its windows.
    private const int FewestSamples = 2 * Growth.FewestWindows;

    // The runtime releases a region after it was free in twenty collections; each measurement makes two.
    private static readonly int CollectionsAtRest = TestSettings.Pick(quick: 2, full: 12, @long: 12);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);

    // Until unpolled long-poll sessions (10 s) and pooled connections have ended.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(TestSettings.Pick(quick: 12, full: 20, @long: 20));

    // Until the crowd has come.
    private static readonly TimeSpan Arrival = Crowd.Arriving * 1.5;

    private readonly ShopFolder _folder = ShopFolder.WithSample();
    private readonly ulong _seed;
    private readonly int _guests;
    private readonly Action<string> _report;
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private ServerProcess? _server;
    private RestClient? _client;
    private SoakShop? _shop;
    private List<Employee> _staff = [];
    private List<Till> _tills = [];
    private TimeSpan _reported;

    public SoakRun(ulong seed, int guests, Action<string> report) => (_seed, _guests, _report) = (seed, guests, report);

    public Tally Tally { get; } = new();

    /// <summary>How often it reports progress.</summary>
    public required TimeSpan Progress { get; init; }

    public ServerLog Log => _shop!.Log;

    public DeliveryCheck Deliveries => _shop!.Deliveries;

    /// <summary>The process with no clients: after the start and after each crowd.</summary>
    public List<ProcessState> AtRest { get; } = [];

    /// <summary>The process with the second crowd, right after a collection.</summary>
    public List<(TimeSpan At, ProcessState State)> Samples { get; } = [];

    public TimeSpan ServerTime => ProcessState.ProcessorTime(_server!.Id);

    /// <summary>The size of the database, including the change log.</summary>
    public long DatabaseBytes =>
        _folder.Query<long>("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").Single();

    public async Task StartAsync()
    {
        _server = await ServerProcess.StartAsync(
            _folder.Database, Collectable, $"--Orders:TimeZone={MiddayZone.Name}", "--Database:KeepChanges=20000");
        _shop = new SoakShop(
            _server.BaseAddress, new ServerLog(_server.Output), new DeliveryCheck(), Tally, new Faults());
        _client = _server.CreateClient();
        _staff = [.. Enumerable.Range(1, Staff).Select(it =>
            new Employee(it, SeededRandom.Of(_seed, "employee", it), _shop))];
        _tills = [.. Enumerable.Range(1, Tills).Select(it =>
            new Till(it, _seed, _shop.Address) { Customers = Guest.Customers })];
        foreach (var employee in _staff)
        {
            await employee.HireAsync(_folder.Database);
            await employee.WorkAsync();
        }

        await ReadListsAsync();
        AtRest.Add(await CollectAsync());
    }

    /// <summary>Lets a crowd come, stay and leave.</summary>
    /// <param name="time">How long it stays.</param>
    /// <param name="isMeasured">Whether nothing may grow during this crowd.</param>
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

        await crowd.EndAsync(ReadListsAsync);
        AtRest.Add(await RestAsync(AtRest[^1].Handles + FilesOpenedLater));
        Verify();
    }

    /// <summary>Stops it as an operator's machine does.</summary>
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
        shop.Deliveries.Verify(after => DeliveryCheck.ReadLog(_folder.Database, after)).ForEach(shop.Faults.Add);
        shop.Faults.Verify();
        if (_time.Elapsed - _reported >= Progress)
        {
            _reported = _time.Elapsed;
            var state = ProcessState.Read(server.Id);
            _report(
                $"{_reported.TotalMinutes:F1} min: {state.Held >> 20} MB, {state.Handles} handles, {state.Threads} "
                + "threads, "
                + $"{Tally.Of("connections")} connections, {Tally.Of("writes")} writes");
        }
    }

    // Reads what the server has while nobody writes: every screen must come to show it.
    private async Task<IReadOnlyDictionary<ScreenView, RecordList>> ReadListsAsync()
    {
        using var menu = await ScreenClient.JoinAsync(_server!.BaseAddress, ScreenView.Menu);
        var items = menu.Joined["items"]!.ToJsonString();
        Dictionary<ScreenView, RecordList> lists = new()
        {
            [new ScreenView(ScreenView.Menu)] = new(new Dictionary<long, string> { [0] = items }), // as in ScreenState
        };
        IEnumerable<ScreenView> views =
        [
            new("message"), new("status"), new("category"),
            .. from fromDate in new[] { null, ScreenView.Today }
               from customer in Enumerable.Range(1, Guest.Customers).Select(it => (long?)it).Prepend(null)
               select new ScreenView(ScreenView.Order, fromDate, null, customer),
        ];
        foreach (var view in views)
        {
            lists[view] = await RecordList.ReadAsync(_client!, view.Collection, view.Query);
        }

        return lists;
    }

    private async Task<ProcessState> RestAsync(int mostHandles)
    {
        var waiting = Stopwatch.StartNew();
        while (ProcessState.Read(_server!.Id) is { } state && state.Handles > mostHandles)
        {
            Assert.True(
                waiting.Elapsed < Patience, $"All clients have left, and there are still {state.Handles} handles.");
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
}
