using Kaffediem.IntegrationTests.Protocol.Fuzz;
using Kaffediem.IntegrationTests.Realtime.Property;
using Kaffediem.IntegrationTests.Reliability.Soak;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Hostile;

/// <summary>
/// A server as it is in a shop, and honest clients on it: screens on every wire, tills that write all the time, and a
/// user who is signed in. They must not notice what others do to the server. Two threads or more may use it at once.
/// </summary>
internal sealed class HonestCompany : IAsyncDisposable
{
    public const string User = "anna@shop.test";
    public const string Guest = "guest@shop.test";

    /// <summary>The password of both. None of the secrets may be in the server's log.</summary>
    public const string Password = "right-battery-staple";

    /// <summary>
    /// How many passwords may be wrong from one address: the default, or in the quick form fewer, since each comparison
    /// is a quarter of a second of work.
    /// </summary>
    public static readonly int AttemptsPerAddress = TestSettings.Pick(quick: 12, full: 50, @long: 50);

    private const int Tills = 2;

    // A start, ten joins a minute of collections that do not exist, and some refused sign-ins.
    private const int MaxLogLines = 150;

    private const string Log =
        "SELECT seq AS Seq, collection AS Collection, NULL AS CustomerBefore, NULL AS CustomerAfter FROM change_log";

    private static readonly Wire[] Wires =
    [
        Wire.V2WebSocket, Wire.V2WebSocket, Wire.V2WebSocket, Wire.V2WebSocket, Wire.V2WebSocket,
        Wire.V1WebSocket, Wire.V1WebSocket, Wire.V1WebSocket,
        Wire.V2LongPoll, Wire.V2LongPoll, Wire.V1LongPoll, Wire.V1LongPoll,
    ];

    private readonly ShopFolder _shop;
    private readonly Tally _tally = new();
    private readonly Faults _faults = new();
    private readonly CancellationTokenSource _stopWriting = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Till> _tills;
    private readonly List<HonestTill> _writing;
    private readonly List<WatchingScreen> _screens;
    private readonly ServerLog _log;

    // Guards the log, which is looked through by whichever act has come to its end.
    private readonly Lock _logLock = new();
    private readonly RestClient _user;
    private Task _tillsEnd = Task.CompletedTask;
    private Task _screensEnd = Task.CompletedTask;
    private int _served;

    private HonestCompany(ShopFolder shop, ServerProcess server, ulong seed)
    {
        (_shop, Server) = (shop, server);
        _log = new ServerLog(
            server.Output,
            "are refused for now", "which does not exist", "do not exist were not logged", "REFUSED a body or message",
            "still has the published password of Development"); // of an account that nobody uses here
        _log.Conceal(Password);
        _user = new RestClient(Address);
        _tills = [.. Enumerable.Range(1, Tills).Select(it => new Till(it, FuzzRandom.Of(seed, "till", it), Address))];
        _writing = [.. _tills.Select(till => new HonestTill(till, _faults))];
        _screens = [.. Wires.Select((wire, index) => new WatchingScreen(
            $"screen {index} ({wire})", Address, wire, Since.Nothing, _tally, _faults))];
    }

    public ServerProcess Server { get; }

    public Uri Address => Server.BaseAddress;

    /// <summary>The cookie of an attacker who is signed in, but not as an administrator.</summary>
    public string GuestCookie { get; private set; } = "";

    /// <summary>The cookie of a session that was ended.</summary>
    public string EndedCookie { get; private set; } = "";

    /// <summary>How often they were found to be served.</summary>
    public int Served => Volatile.Read(ref _served);

    /// <summary>How many writes of the tills were answered.</summary>
    public long Written => _writing.Sum(till => till.Written);

    /// <summary>
    /// Opens the shop: in Production, where writes need a session, with the log as talkative as it is made.
    /// </summary>
    public static async Task<HonestCompany> StartAsync(ulong seed)
    {
        var shop = ShopFolder.WithSample();
        await AddUserAsync(shop, User, "--admin");
        await AddUserAsync(shop, Guest);

        var server = await ServerProcess.StartAsync(
            shop.Database,
            ServerProcess.AsItIs,
            [
                "--environment=Production", "--Logging:LogLevel:Kaffediem=Debug",
                // The guest's bodies are what is tested here, and most are answered before they could be counted.
                "--Quota:OrdersPerCustomer=1000000", "--Quota:OrdersPerAddress=1000000",
                .. TestSettings.IsQuick ? [$"--Auth:AttemptsPerAddress={AttemptsPerAddress}"] : (string[])[],
            ]);
        var company = new HonestCompany(shop, server, seed);
        await company.BeginAsync();
        return company;
    }

    /// <summary>Something that must not be in the log.</summary>
    public string Keep(string secret)
    {
        _log.Conceal(secret);
        return secret;
    }

    /// <summary>Begins a session.</summary>
    /// <returns>Its cookie.</returns>
    public async Task<string> SignInAsync(string email)
    {
        using var client = new RestClient(Address);
        var answer = await client.SignInAsync(email, Password);
        answer.Is(200);
        return Keep(answer.Header("Set-Cookie")!.Split(';')[0]);
    }

    /// <summary>A client that shows a cookie.</summary>
    public RestClient CreateClient(string cookie)
    {
        var client = new RestClient(Address);
        client.Headers.Add("Cookie", cookie);
        return client;
    }

    /// <summary>
    /// All of them are served now: a write is answered and shown on every screen, the user is still signed in, and the
    /// tills get on.
    /// </summary>
    public async Task ServeAsync()
    {
        var order = (await _user.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder)).Is(201).GetProperty("id").GetInt64();
        await Task.WhenAll(_screens.Select(screen => screen.ShowAsync(ScreenView.Order, order)));
        (await _user.DeleteAsync($"{ShopFolder.Orders}/{order}")).Is(204);
        (await _user.GetAsync("/api/session")).Is(200);
        await Task.WhenAll(_writing.Select(till => till.GetOnAsync()));
        _faults.Verify();
        Interlocked.Increment(ref _served);
    }

    /// <summary>The same, while something is done over and over.</summary>
    public async Task ServeBesideAsync(Func<Task> act)
    {
        var serving = ServeAsync();
        do
        {
            await act();
        }
        while (!serving.IsCompleted);
        await serving;
    }

    /// <summary>
    /// So far nobody honest has noticed anything, and the server has said nothing that it should not.
    /// </summary>
    public void Verify()
    {
        _faults.Verify();
        Assert.True(Server.IsAlive, "The server has ended.");
        lock (_logLock)
        {
            _log.Read();
            Assert.True(_log.Faults.Count == 0, string.Join('\n', _log.Faults));
            Assert.InRange(_log.LinesForAll, 1, MaxLogLines);
        }
    }

    /// <summary>
    /// The user signs in once more, and the tills stop; then every screen has been told of every change, once and in
    /// order, on one connection.
    /// </summary>
    /// <returns>The last change.</returns>
    public async Task<long> EndAsync()
    {
        await SignInAsync(User); // whatever passwords others have tried
        await _stopWriting.CancelAsync();
        await _tillsEnd;
        var told = new ToldCheck();
        foreach (var collection in WatchingScreen.Collections)
        {
            var last = _shop.Query<long>($"SELECT MAX(seq) FROM change_log WHERE collection = '{collection}'").Single();
            foreach (var (screen, index) in _screens.Select((screen, index) => (screen, index)))
            {
                await screen.ReachAsync(collection, last);
                told.Add($"screen {index} ({Wires[index]})", screen.ToldOf(collection));
            }
        }

        Assert.Empty(
            told.Verify(
                seq => _shop.Query<LoggedChange>($"{Log} WHERE seq > {seq} AND action <> 'day_over' ORDER BY seq")));
        Assert.Equal(_screens.Count * WatchingScreen.Collections.Count, _tally.Of("joins"));
        Verify();
        return told.LastSeq;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopWriting.CancelAsync();
        await _stop.CancelAsync();
        await Task.WhenAll(_tillsEnd, _screensEnd);
        Server.Dispose();
        _tills.ForEach(till => till.Dispose());
        _user.Dispose();
        _stopWriting.Dispose();
        _stop.Dispose();
        _shop.Dispose();
    }

    private static async Task AddUserAsync(ShopFolder shop, string email, params string[] words)
    {
        string[] all = ["user", "add", email, "--name", "Name", .. words, $"--Database:Path={shop.Database}"];
        var added = await ServerProgram.RunAsync(Path.GetDirectoryName(shop.Database)!, $"{Password}\n", all);
        Assert.True(added.ExitCode == 0, added.Error);
    }

    private async Task BeginAsync()
    {
        (await _user.SignInAsync(User, Password)).Is(200);
        GuestCookie = await SignInAsync(Guest);
        EndedCookie = await SignInAsync(Guest);
        using (var client = CreateClient(EndedCookie))
        {
            (await client.DeleteAsync("/api/session")).Is(204);
        }

        foreach (var till in _tills)
        {
            await till.SignInAsync(User, Password);
        }

        _screensEnd = Task.WhenAll(_screens.Select(screen => screen.RunAsync(_stop.Token)));
        _tillsEnd = Task.WhenAll(_writing.Select(till => till.RunAsync(_stopWriting.Token)));
        await ServeAsync();
    }
}
