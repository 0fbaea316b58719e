using Kaffediem.IntegrationTests.Shop;
using Kaffediem.IntegrationTests.Shop.Logs;
using Kaffediem.IntegrationTests.Shop.Screens;
using Kaffediem.IntegrationTests.Shop.Servers;
using Kaffediem.IntegrationTests.Shop.Tills;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Hostile;

/// <summary>
/// A server as in a shop, with honest clients: screens on every wire, tills that keep writing, and a signed-in user.
/// They must not be affected by what others do to the server. Thread-safe.
/// </summary>
internal sealed class HonestCompany : IAsyncDisposable
{
    public const string User = "anna@shop.test";
    public const string Guest = "guest@shop.test";

    /// <summary>The password of both. No secret may appear in the server's log.</summary>
    public const string Password = "right-battery-staple";

    /// <summary>
    /// How many passwords may be wrong from one address: the default, or in the quick form fewer, since each comparison
    /// is a quarter of a second of work.
    /// </summary>
    public static readonly int AttemptsPerAddress = TestSettings.Pick(quick: 12, full: 50, @long: 50);

    private const int Tills = 2;

    // A start, ten joins a minute of collections that do not exist, and some refused sign-ins.
    private const int MaxLogLines = 150;

    // As busy as a shop ever gets: the machine has other work.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

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
    private readonly List<WatchingScreen> _screens;
    private readonly ServerLog _log;

    // Guards the log, which every completed attack reads.
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
            "still has the published password of Development"); // of an account that is not used here
        _log.Conceal(Password);
        _user = new RestClient(Address);
        _tills = [.. Enumerable.Range(1, Tills).Select(it => new Till(it, seed, Address))];
        _screens = [.. Wires.Select((wire, index) => new WatchingScreen(
            $"screen {index} ({wire})", Address, wire, ResumeFrom.Nothing, _tally, _faults))];
    }

    public ServerProcess Server { get; }

    public Uri Address => Server.BaseAddress;

    /// <summary>The cookie of an attacker who is signed in, but not as an administrator.</summary>
    public string GuestCookie { get; private set; } = "";

    /// <summary>The cookie of an ended session.</summary>
    public string EndedCookie { get; private set; } = "";

    /// <summary>How many times all of them were served.</summary>
    public int Served => Volatile.Read(ref _served);

    /// <summary>How many writes of the tills were acknowledged.</summary>
    public long Written => _tills.Sum(till => till.Written);

    /// <summary>Opens the shop: in Production, where writes need a session, with a verbose log.</summary>
    public static async Task<HonestCompany> StartAsync(ulong seed)
    {
        var shop = ShopFolder.WithSample();
        await ServerProgram.AddUserAsync(shop.Database, User, Password, isAdmin: true);
        await ServerProgram.AddUserAsync(shop.Database, Guest, Password);

        var server = await ServerProcess.StartAsync(
            shop.Database,
            ServerProcess.AsItIs,
            [
                "--environment=Production", "--Logging:LogLevel:Kaffediem=Debug",
                // The guest's bodies are under test, and most are refused before they are counted.
                "--Quota:OrdersPerCustomer=1000000", "--Quota:OrdersPerAddress=1000000",
                .. TestSettings.IsQuick ? [$"--Auth:AttemptsPerAddress={AttemptsPerAddress}"] : (string[])[],
            ]);
        var company = new HonestCompany(shop, server, seed);
        await company.BeginAsync();
        return company;
    }

    /// <summary>Registers a secret that must not appear in the log.</summary>
    public string Keep(string secret)
    {
        _log.Conceal(secret);
        return secret;
    }

    /// <summary>Signs in.</summary>
    /// <returns>The session's cookie.</returns>
    public async Task<string> SignInAsync(string email)
    {
        using var client = new RestClient(Address);
        var answer = await client.SignInAsync(email, Password);
        answer.Is(200);
        return Keep(answer.Cookie);
    }

    /// <summary>A client with a session's cookie.</summary>
    public RestClient CreateClient(string cookie)
    {
        var client = new RestClient(Address);
        client.Headers.Add("Cookie", cookie);
        return client;
    }

    /// <summary>
    /// Asserts that all of them are served: a write is acknowledged and shown on every screen, the user is still signed
    /// in, and the tills make progress.
    /// </summary>
    public async Task ServeAsync()
    {
        var order = (await _user.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder)).Is(201).GetProperty("id").GetInt64();
        await Task.WhenAll(_screens.Select(screen => screen.ShowAsync(ScreenView.Order, order)));
        (await _user.DeleteAsync($"{ShopFolder.Orders}/{order}")).Is(204);
        (await _user.GetAsync("/api/session")).Is(200);
        await Task.WhenAll(_tills.Select(till => till.GetOnAsync()));
        _faults.Verify();
        Interlocked.Increment(ref _served);
    }

    /// <summary>Repeats an act until all of them were served beside it.</summary>
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

    /// <summary>Asserts that no honest client was affected and that the server logged nothing unexpected.</summary>
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
    /// The user signs in once more and the tills stop; by then every screen has received every change, once and in
    /// order, on one connection.
    /// </summary>
    /// <returns>The last change.</returns>
    public async Task<long> EndAsync()
    {
        await SignInAsync(User); // whatever passwords others have tried
        await _stopWriting.CancelAsync();
        await _tillsEnd;
        var deliveries = new DeliveryCheck();
        await deliveries.VerifyAsync(_shop, _screens);
        Assert.Equal(_screens.Count * WatchingScreen.Collections.Count, _tally.Of("joins"));
        Verify();
        return deliveries.LastSeq;
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

    // A write that is not acknowledged is a fault.
    private async Task WriteAsync(Till till)
    {
        try
        {
            while (!_stopWriting.IsCancellationRequested)
            {
                Assert.True(await till.WriteAsync(), $"{till.InDoubt} was not answered");
                till.Forget();
                await Task.WhenAny(Task.Delay(Pause, _stopWriting.Token));
            }
        }
        catch (Exception exception)
        {
            _faults.Add($"{till.Name}: {exception.Message}");
        }
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
        _tillsEnd = Task.WhenAll(_tills.Select(WriteAsync));
        await ServeAsync();
    }
}
