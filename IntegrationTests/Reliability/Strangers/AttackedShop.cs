using Kaffediem.IntegrationTests.Shop;
using Kaffediem.IntegrationTests.Shop.Logs;
using Kaffediem.IntegrationTests.Shop.Screens;
using Kaffediem.IntegrationTests.Shop.Servers;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>
/// A year-old shop with its own people at work, on a server that strangers can reach. The people are a till, a load
/// balancer, an administrator who signs in and out, staff who open the page of today's orders, and kitchens that must
/// miss nothing.
/// </summary>
internal sealed class AttackedShop : IAsyncDisposable
{
    /// <summary>The address of the shop's people behind a proxy, which is at <see cref="Proxy"/>.</summary>
    public const string ShopsAddress = "203.0.113.7";

    private const string Proxy = "127.0.0.1";

    // The README's former example: any machine in that network could claim any address. The hops prevent it.
    private static readonly string[] NetworkOfProxies = [$"--Proxies={Proxy},10.0.0.0/8", "--ProxyHops=1"];

    // How many requests for each service a phase needs before its times mean anything.
    private static readonly Dictionary<Service, int> LeastOften = new()
    {
        [Service.Order] = 20, [Service.Health] = 10, [Service.SignIn] = 2, [Service.Join] = 3,
    };

    // Long, so that only a hopeless run fails: the machine may be busy.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly Wire[] Kitchens = [Wire.V2WebSocket, Wire.V1WebSocket, Wire.V2LongPoll];

    private readonly Tally _tally = new();
    private readonly Faults _faults = new();
    private readonly CancellationTokenSource _stopAsking = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly MemoryWatch _memory;
    private Staff? _staff;
    private List<WatchingScreen> _kitchens = [];
    private Task _asking = Task.CompletedTask;
    private Task _watching = Task.CompletedTask;
    private volatile Phase _phase = Phase.Warming;

    private AttackedShop(ShopFolder folder, ServerProcess server, bool hasProxy)
    {
        (Folder, Server, HasProxy) = (folder, server, hasProxy);
        _memory = new MemoryWatch(server.Id);
    }

    public ServerProcess Server { get; }

    /// <summary>Whether it is behind a proxy, whose headers every client of these tests sends itself.</summary>
    public bool HasProxy { get; }

    /// <summary>The shop's files.</summary>
    public ShopFolder Folder { get; }

    public Uri Address => Server.BaseAddress;

    /// <summary>The times of the round.</summary>
    public ServiceTimes Times { get; } = new();

    /// <summary>The cookie of an attacker who is signed in, but not as an administrator.</summary>
    public string CustomerCookie { get; private set; } = "";

    /// <summary>The cookie of an administrator.</summary>
    public string AdministratorCookie { get; private set; } = "";

    /// <summary>Opens it.</summary>
    /// <param name="year">The shop's file.</param>
    /// <param name="attack">The attack to come.</param>
    /// <param name="from">Where the attackers come from.</param>
    public static async Task<AttackedShop> OpenAsync(YearOldFile year, IAttack attack, Whereabouts from)
    {
        var folder = year.CreateShop();
        string[] proxies = from switch
        {
            Whereabouts.Network => [$"--Proxies={Proxy}"],
            Whereabouts.ProxyNetwork => NetworkOfProxies,
            _ => [],
        };
        var server = await ServerProcess.StartAsync(
            folder.Database,
            ServerProcess.AsItIs,
            [
                $"--environment={attack.Environment}", $"--Orders:TimeZone={MiddayZone.Name}",
                .. proxies, .. attack.Settings,
            ]);
        var shop = new AttackedShop(folder, server, hasProxy: proxies.Length > 0);
        await shop.BeginAsync();
        await attack.PrepareAsync(shop);
        return shop;
    }

    /// <summary>A client of the shop's people: it keeps its cookies.</summary>
    public RestClient CreateClient(string? cookie = null)
    {
        var client = new RestClient(Address);
        foreach (var (name, value) in HeadersOf(cookie))
        {
            client.Headers.Add(name, value);
        }

        return client;
    }

    /// <summary>The headers of the shop's people.</summary>
    public (string Name, string? Value)[] HeadersOf(string? cookie) =>
    [
        .. cookie is null ? [] : new (string, string?)[] { ("Cookie", cookie) },
        .. HasProxy ? new (string, string?)[] { ("X-Forwarded-For", ShopsAddress) } : [],
    ];

    /// <summary>The largest memory of the server since the last call, in bytes.</summary>
    public long TakeMostMemory() => _memory.TakeMost();

    /// <summary>Assigns the following requests to a phase.</summary>
    public void Begin(Phase phase) => _phase = phase;

    /// <summary>Waits until a phase has lasted for some time and has enough requests.</summary>
    public async Task PassAsync(Phase phase, TimeSpan time)
    {
        Begin(phase);
        await Task.Delay(time);
        try
        {
            await Polling.UntilAsync(
                () => _asking.IsCompleted || LeastOften.All(it => Times.Of(it.Key, phase).Count >= it.Value), Patience);
        }
        catch (TimeoutException)
        {
            var counts = string.Join(", ", LeastOften.Keys.Select(service => $"{service} {Times.Of(service, phase)}"));
            _faults.Add($"{phase}: the shop is not served: {counts}");
        }

        Verify();
    }

    /// <summary>Asserts that none of the shop's people was refused or received anything wrong.</summary>
    public void Verify()
    {
        Assert.True(Server.IsAlive, "The server has ended.");
        _faults.Verify();
    }

    /// <summary>
    /// Closes the shop. By then every kitchen has received every change, once and in order, on its first connection.
    /// </summary>
    public async Task CloseAsync()
    {
        await _stopAsking.CancelAsync();
        await _asking;
        await _staff!.AnnounceAsync();
        await new DeliveryCheck().VerifyAsync(Folder, _kitchens);
        Assert.Equal(
            _kitchens.Count * WatchingScreen.Collections.Count, _tally.Of("joins") + _tally.Of("joins with a filter"));
        Verify();
    }

    public List<T> Query<T>(string sql) => Folder.Query<T>(sql);

    public async ValueTask DisposeAsync()
    {
        await _stopAsking.CancelAsync();
        await _stop.CancelAsync();
        Server.Dispose();
        await Task.WhenAll(_asking, _watching);
        _staff?.Dispose();
        _stopAsking.Dispose();
        _stop.Dispose();
        Folder.Dispose();
    }

    private async Task BeginAsync()
    {
        AdministratorCookie = await SignInAsync(YearOldFile.Administrator);
        CustomerCookie = await SignInAsync(YearOldFile.Customer);
        _kitchens = [.. Kitchens.Select((wire, index) => Kitchen(index, wire))];
        _watching = Task.WhenAll(
            [_memory.RunAsync(_stop.Token), .. _kitchens.Select(screen => screen.RunAsync(_stop.Token))]);
        _staff = new Staff(this);
        var order = await _staff.PlaceAsync();
        await Task.WhenAll(_kitchens.Select(kitchen => kitchen.ShowAsync(ScreenView.Order, order)));
        _asking = _staff.RunAsync(() => _phase, Times, _faults, _stopAsking.Token);
        await PassAsync(Phase.Warming, TimeSpan.Zero);
    }

    private async Task<string> SignInAsync(string email)
    {
        using var client = CreateClient();
        var answer = await client.SignInAsync(email, YearOldFile.Password);
        answer.Is(200);
        return answer.Cookie;
    }

    // The first one is signed in, like a kitchen; the others are public displays.
    private WatchingScreen Kitchen(int index, Wire wire) =>
        new($"kitchen {index} ({wire})", Address, wire, ResumeFrom.Nothing, _tally, _faults)
        {
            OrdersFrom = ScreenView.Today,
            Headers = HeadersOf(index == 0 ? AdministratorCookie : null),
        };
}
