using System.Diagnostics;
using Kaffediem.IntegrationTests.Shop;
using Kaffediem.IntegrationTests.Shop.History;
using Kaffediem.IntegrationTests.Shop.Logs;
using Kaffediem.IntegrationTests.Shop.Screens;
using Kaffediem.IntegrationTests.Shop.Servers;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.History;

/// <summary>
/// docs/design.md, "What must always be true": never miss, never double, a broadcast is a commit, the stock client
/// always comes back. Ten screens and six tills, some over links that are reset, slow, or blocked in one direction; a
/// server that is killed, stopped and drained. Everything they do and receive is recorded, and <see
/// cref="HistoryCheck"/> checks the history against the change log. A failure names its seed.
/// </summary>
[Experiment("History")]
public sealed class HistoryTests(ITestOutputHelper output)
{
    private const int EnoughRounds = 40;

    // Then a new shop: each history is kept and checked as a whole.
    private const int RoundsPerShop = 20;

    // The run must not silently stop covering a case.
    private static readonly string[] Exercised =
    [
        "kill -9", "kill -9 of the stopped server", "SIGSTOP", "SIGCONT", "SIGTERM",
        "links reset", "slow links", "nothing goes up", "nothing comes down",
        "writes acknowledged", "writes not answered", "writes never acknowledged that were committed",
        "records read after an acknowledgement", "fresh joins after an acknowledgement",
        "joins", "joins since Last, recovered: True", "joins since Last, recovered: False",
        "changes received", "changes replayed", "screens closed with 1012", "quiet moments",
    ];

    private readonly Tally _tally = new();
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private TimeSpan _slowest;

    [Fact]
    public async Task Every_client_receives_the_log_in_order_whatever_happens_to_server_and_links()
    {
        var (seed, rounds) = (TestSettings.Seed, TestSettings.Rounds(quick: 5, full: 40, @long: 800));
        Report($"{TestSettings.Repeat}: {rounds} rounds");
        for (var done = 0; done < rounds; done += RoundsPerShop)
        {
            await RunAsync(seed, done, Math.Min(RoundsPerShop, rounds - done));
        }

        Report($"{_tally}");
        if (rounds >= EnoughRounds)
        {
            _tally.AssertExercised(Exercised);
        }
    }

    private async Task RunAsync(ulong seed, int done, int rounds)
    {
        await using var run = await HistoryRun.StartAsync(seed + (ulong)done, _tally);
        string? fault;
        try
        {
            await run.RunAsync(rounds);
            fault = run.Check();
        }
        catch (Exception exception)
        {
            await run.AbortAsync();
            fault = $"{exception}\nThe history: {run.Check() ?? "breaks no rule"}";
        }

        Assert.True(fault is null, $"{TestSettings.Repeat}, after {done + run.Rounds} rounds: {fault}");
        _slowest = run.SlowestConvergence > _slowest ? run.SlowestConvergence : _slowest;
        Report(
            $"{done + rounds} rounds in {_time.Elapsed.TotalSeconds:F0} s; the slowest convergence "
                + $"{_slowest.TotalSeconds:F2} s");
    }

    private void Report(string what) => output.Report("History", what);
}

/// <summary>
/// A shop whose tills keep writing and whose screens watch while, round after round, the server and the links fail. The
/// same seed plans the same writes and faults; how they coincide depends on the machine.
/// </summary>
file sealed class HistoryRun : IAsyncDisposable
{
    private const int Tills = 6;
    private const int RoundsBetweenQuiet = 5;
    private const int MostFaultsShown = 3;

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);

    // How screens connect, what they join with after a reconnect, and whether a faulty link lies between.
    private static readonly (Wire Wire, ResumeFrom Since, bool IsLinked)[] Screens =
    [
        (Wire.V2WebSocket, ResumeFrom.Nothing, false), (Wire.V2WebSocket, ResumeFrom.Last, false),
        (Wire.V1WebSocket, ResumeFrom.Nothing, false), (Wire.V2LongPoll, ResumeFrom.Last, false),
        (Wire.V2WebSocket, ResumeFrom.Nothing, true), (Wire.V2WebSocket, ResumeFrom.Last, true),
        (Wire.V1WebSocket, ResumeFrom.Last, true), (Wire.V1LongPoll, ResumeFrom.Nothing, true),
        (Wire.V2LongPoll, ResumeFrom.Nothing, true), (Wire.V2LongPoll, ResumeFrom.Last, true),
    ];

    private readonly ulong _seed;
    private readonly Tally _tally;
    private readonly ShopFolder _shop;
    private readonly DiskState _start;
    private readonly ShopHistory _history = new();
    private readonly Faults _faults = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly RoughServer _server;
    private readonly RestClient _client;
    private readonly List<RoughLink> _links = [];
    private readonly List<BusyTill> _tills;
    private readonly List<WatchingScreen> _screens;
    private readonly List<WatchingScreen> _unlinked = []; // those that always receive the close frame
    private Task _watching = Task.CompletedTask;
    private Task _writing = Task.CompletedTask;

    private HistoryRun(ulong seed, ShopFolder shop, Tally tally)
    {
        (_seed, _shop, _tally) = (seed, shop, tally);
        _start = DiskState.Read(shop.Database, afterSeq: 0);
        _server = new RoughServer(shop, SeededRandom.Of(seed, "server", 0), _history, tally);
        _client = new RestClient(_server.Address);
        _tills = [.. Enumerable.Range(1, Tills).Select(Till)];
        _screens = [.. Screens.Select((_, index) => Screen(index))];
    }

    /// <summary>How many rounds are done.</summary>
    public int Rounds { get; private set; }

    /// <summary>The longest time from the end of the faults until every screen showed what the server has.</summary>
    public TimeSpan SlowestConvergence { get; private set; }

    public static async Task<HistoryRun> StartAsync(ulong seed, Tally tally) =>
        new(seed, await ShopFolder.WithOrdersAsync(), tally);

    public async Task RunAsync(int rounds)
    {
        await _server.StartAsync();
        _history.Add(new Quiet("shop", await SeqAsync(), await ListsAsync(), []));
        _watching = Task.WhenAll(_screens.Select(screen => screen.RunAsync(_stop.Token)));
        while (Rounds < rounds)
        {
            using var closing = new CancellationTokenSource();
            _writing = Task.WhenAll(_tills.Select(till => till.RunAsync(closing.Token, _stop.Token)));
            for (var left = Math.Min(RoundsBetweenQuiet, rounds - Rounds); left > 0; left--, Rounds++)
            {
                await Task.WhenAll([_server.SufferAsync(DrainAsync), .. _links.Select(link => link.SufferAsync())]);
                _faults.Verify();
            }

            await closing.CancelAsync();
            await _writing;
            _faults.Verify();
            await ConvergeAsync();
        }

        await DrainAsync();
    }

    /// <summary>Checks the history. The server must have ended.</summary>
    /// <returns>The faults; <c>null</c> without any.</returns>
    public string? Check()
    {
        var history = _history.Events;
        var end = DiskState.Read(_shop.Database, _start.Log.Count == 0 ? 0 : _start.Log[^1].Seq);
        var faults = HistoryCheck.Find(history, _start, end);
        Count(history, end);
        return faults.Count == 0
            ? null
            : $"{faults.Count} faults:\n"
                + $"{string.Join('\n', faults.Take(MostFaultsShown).Select(fault => fault.Describe(history)))}";
    }

    /// <summary>Ends everything after a failure, so that the history can still be checked.</summary>
    public async Task AbortAsync()
    {
        await _stop.CancelAsync();
        await _server.KillAsync("kill -9 after a failure");
        await _writing;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _server.Dispose();
        foreach (var link in _links)
        {
            await link.DisposeAsync();
        }

        _tills.ForEach(till => till.Dispose());
        _client.Dispose();
        _stop.Dispose();
        _shop.Dispose();
    }

    private BusyTill Till(int number)
    {
        var address = number % 2 == 0 ? Link($"till {number}") : _server.Address;
        return new BusyTill(number, _seed, address, _history, _tally, _faults);
    }

    private WatchingScreen Screen(int index)
    {
        var (wire, since, isLinked) = Screens[index];
        var name = $"screen {index} ({wire}, since {since}{(isLinked ? ", linked" : "")})";
        var address = isLinked ? Link(name) : _server.Address;
        var screen = new WatchingScreen(name, address, wire, since, _tally, _faults, _history);
        if (!isLinked && !wire.IsLongPoll)
        {
            _unlinked.Add(screen);
        }

        return screen;
    }

    private Uri Link(string who)
    {
        _links.Add(new RoughLink(who, _server.Address, SeededRandom.Of(_seed, "link", _links.Count), _history, _tally));
        return _links[^1].Address;
    }

    // Connected clients are received to reconnect: they get the close code after which phoenix.js comes back.
    private async Task DrainAsync()
    {
        var connected = _unlinked.Where(screen => screen.IsOpen).ToList();
        await _server.DrainAsync();
        foreach (var screen in connected)
        {
            await screen.LoseAsync();
            Assert.True(
                screen.CloseCode == 1012, $"{screen.Name} was closed with {screen.CloseCode?.ToString() ?? "nothing"}");
            _tally.Count("screens closed with 1012");
        }
    }

    private async Task ConvergeAsync()
    {
        var time = Stopwatch.StartNew();
        while (true)
        {
            var (seq, lists) = (await SeqAsync(), await ListsAsync());
            var showing = Task.WhenAll(_screens.Select(screen => screen.ShowAsync(lists)));
            while (!showing.IsCompleted && await SeqAsync() == seq)
            {
                await Task.WhenAny(showing, Task.Delay(Glance));
            }

            // A write that its till gave up may be committed only now; then the loop repeats.
            if (await SeqAsync() == seq)
            {
                await showing;
                _history.Add(new Quiet("shop", seq, lists, [.. _screens.Select(screen => screen.Name)]));
                _tally.Count("quiet moments");
                SlowestConvergence = time.Elapsed > SlowestConvergence ? time.Elapsed : SlowestConvergence;
                return;
            }
        }
    }

    private async Task<long> SeqAsync() => (await _client.GetAsync("/health")).Is(200).GetProperty("seq").GetInt64();

    private Task<IReadOnlyDictionary<string, RecordList>> ListsAsync() =>
        RecordList.ReadAsync(_client, WatchingScreen.Collections);

    private void Count(IReadOnlyList<HistoryEvent> history, DiskState end)
    {
        var asked = history.OfType<WriteRequested>().Select(it => it.Write.Mark).ToHashSet();
        asked.ExceptWith(history.OfType<WriteAcknowledged>().Select(it => it.Write.Mark));
        _tally.Count("events", history.Count);
        _tally.Count("writes acknowledged", history.OfType<WriteAcknowledged>().Count());
        _tally.Count("writes never acknowledged", asked.Count);
        _tally.Count(
            "writes never acknowledged that were committed", end.Log.Count(entry => asked.Contains(entry.Mark)));
        _tally.Count("changes received", history.OfType<ChangeReceived>().Count());
        foreach (var lost in history.OfType<LineLost>())
        {
            _tally.Count($"connections that ended with {lost.CloseCode?.ToString() ?? "no code"}");
        }
    }
}
