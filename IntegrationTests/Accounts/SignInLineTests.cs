using System.Net;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Server.Accounts;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Accounts;

/// <summary>
/// The order in which clients wait for a comparison of their password, which takes a core a quarter of a second. The
/// tests assert the order, not the time.
/// </summary>
public sealed class SignInLineTests : IAsyncDisposable
{
    private const string AddressHeader = "X-Test-Address";

    // So many passwords are compared at the same time. When the first ones are done, the next ones begin together.
    private static readonly int Turns = PasswordVerifier.Turns;

    private readonly ManualResetEventSlim _opened = new(initialState: true);
    private readonly List<string> _compared = [];
    private readonly PasswordVerifier _verifier;
    private readonly KaffediemServer _server;

    public SignInLineTests()
    {
        _verifier = new PasswordVerifier(Compare);
        _server = KaffediemServer.Start(new ServerSetup
        {
            Environment = "Production",
            Settings = { ["Auth:AttemptsPerAddress"] = "1000" },
            ConfigureServices = services => services
                .AddSingleton(_verifier)
                .AddSingleton<IStartupFilter>(new Pretend(context => context.Connection.RemoteIpAddress =
                    IPAddress.Parse(context.Request.Headers[AddressHeader].ToString()))),
        });
        _server.Logs.Expect("are refused for now");
    }

    [Fact]
    public async Task Known_device_is_served_while_five_addresses_flood()
    {
        using var tablet = Browser("192.0.2.1");
        (await tablet.SignInAsync()).Is(200);
        _compared.Clear();
        _opened.Reset();
        var flood = await FloodAsync(addresses: 5, each: 40);

        var right = tablet.SignInAsync();
        await UntilComparedAsync(Administrator.Password);

        Assert.Equal((5 * 40) - Turns, _verifier.Waiting);
        _opened.Set();
        (await right).Is(200);
        await Task.WhenAll(flood);
    }

    [Fact]
    public async Task Stranger_is_served_after_one_attempt_of_each_flooding_address()
    {
        _opened.Reset();
        var flood = await FloodAsync(addresses: 5, each: 40);
        using var phone = Browser("192.0.2.1");

        var right = phone.SignInAsync();
        await WaitForLineAsync(5 * 40 - Turns + 1);
        _opened.Set();

        (await right).Is(200);
        await Task.WhenAll(flood);
        Assert.InRange(PositionOf(Administrator.Password), Turns, Turns + 5 + Turns);
    }

    [Fact]
    public async Task Flood_fills_only_its_own_share_of_a_full_line()
    {
        _opened.Reset();
        var flood = await FloodAsync(addresses: 2, each: 200, places: 200);
        using var phone = Browser("192.0.2.1");

        var right = phone.SignInAsync();
        await Task.WhenAny(right, WaitForAnyRefusalAsync(flood, 400 - Turns - 200 + 1));
        _opened.Set();

        (await right).Is(200);
        var answers = await Task.WhenAll(flood);
        Assert.Equal(200 + Turns - 1, answers.Count(answer => answer.Status == 401));
        Assert.All(answers.Where(answer => answer.Status != 401), answer =>
        {
            answer.Is(429, """{"errors":{"detail":"Too many clients are signing in: try again in 60 seconds."}}""");
            Assert.Equal("60", answer.Header("Retry-After"));
        });
    }

    [Fact]
    public async Task Password_whose_client_has_left_is_not_compared()
    {
        _opened.Reset();
        var flood = await FloodAsync(addresses: 1, each: Turns);
        using var leaving = Browser("192.0.2.1");
        var left = leaving.SignInAsync("a@x.no", "left");
        await WaitForLineAsync(1);

        leaving.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        await WaitForLineAsync(0);
        _opened.Set();

        await Task.WhenAll(flood);
        lock (_compared)
        {
            Assert.DoesNotContain("left", _compared);
        }
    }

    [Fact]
    public async Task Stranger_is_served_while_known_devices_flood()
    {
        var stop = TestContext.Current.CancellationToken;
        _opened.Reset();
        var flood = Enumerable.Range(0, 40)
            .Select(_ => _verifier.CheckAsync("known", "a hash", new LineShare(IsKnown: true, "1"), stop))
            .ToArray();
        await Polling.UntilAsync(() => ComparedCount() == Turns);

        var stranger = _verifier.CheckAsync("stranger", "a hash", LineShare.OfStranger(IPAddress.Loopback), stop);
        await UntilComparedAsync("stranger");

        Assert.Equal(40 - Turns, _verifier.Waiting);
        _opened.Set();
        await Task.WhenAll([stranger, .. flood]);
    }

    public async ValueTask DisposeAsync()
    {
        _opened.Set();
        await _server.DisposeAsync();
        _opened.Dispose();
    }

    private bool Compare(string password, string hash)
    {
        lock (_compared)
        {
            _compared.Add(password);
        }

        _opened.Wait(Patience.Limit);
        return password == Administrator.Password;
    }

    // Each attempt has an account of its own, so that none reaches its limit.
    private async Task<Task<RestAnswer>[]> FloodAsync(int addresses, int each, int? places = null)
    {
        var flood = new List<Task<RestAnswer>>();
        for (var address = 1; address <= addresses; address++)
        {
            for (var i = 0; i < each; i++)
            {
                flood.Add(AttackAsync($"198.51.100.{address}", $"user{address}-{i}@x.no"));
            }
        }

        await WaitForLineAsync(places ?? (addresses * each) - Turns);
        // The length alone proves nothing: the line is empty before the first attempt, too.
        await Polling.UntilAsync(() => ComparedCount() == Turns);
        return [.. flood];
    }

    private async Task<RestAnswer> AttackAsync(string address, string email)
    {
        using var client = Browser(address);
        return await client.SignInAsync(email, "wrong");
    }

    private RestClient Browser(string address)
    {
        var client = _server.CreateClient();
        client.Headers.Add(AddressHeader, address);
        return client;
    }

    private Task WaitForLineAsync(int waiting) => Polling.UntilAsync(() => _verifier.Waiting == waiting);

    private Task UntilComparedAsync(string password) => Polling.UntilAsync(() => PositionOf(password) >= 0);

    private static Task WaitForAnyRefusalAsync(Task<RestAnswer>[] flood, int refused) =>
        Polling.UntilAsync(() => flood.Count(attempt => attempt.IsCompleted) >= refused);

    private int ComparedCount()
    {
        lock (_compared)
        {
            return _compared.Count;
        }
    }

    private int PositionOf(string password)
    {
        lock (_compared)
        {
            return _compared.LastIndexOf(password);
        }
    }
}
