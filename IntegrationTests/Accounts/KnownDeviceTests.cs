using System.Net;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence.Accounts;
using Kaffediem.Server.Accounts;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Accounts;

/// <summary>A browser from which a user has signed in before is not locked out by the attempts of others.</summary>
public sealed class KnownDeviceTests : IAsyncDisposable
{
    private const string Customer = "kari@kaffediem.test";
    private const string Shop = "192.0.2.1";
    private const string Elsewhere = "198.51.100.7";
    private const string NewPassword = "hemmelig nok";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero));
    private KaffediemServer _server;

    public KnownDeviceTests() => _server = Start(databasePath: null);

    [Fact]
    public async Task Strangers_failures_on_the_account_do_not_lock_the_device_out()
    {
        var tablet = await SignInDeviceAsync(Shop);
        await FailAsync(Browser(Elsewhere), Administrator.Email, 10);
        (await Browser(Elsewhere).SignInAsync()).Is(429);

        tablet.MoveTo("203.0.113.9");
        (await tablet.SignInAsync()).Is(200);
    }

    [Fact]
    public async Task Strangers_failures_on_the_same_address_do_not_lock_the_device_out()
    {
        var tablet = await SignInDeviceAsync(Shop);
        for (var i = 0; i < 50; i++)
        {
            await FailAsync(Browser(Shop), $"user{i}@kaffediem.test", 1);
        }

        (await Browser(Shop).SignInAsync()).Is(429);
        (await tablet.SignInAsync()).Is(200);
    }

    [Fact]
    public async Task Strangers_failures_after_a_restart_do_not_lock_the_device_out()
    {
        var tablet = await SignInDeviceAsync(Shop);
        await _server.StopAsync();
        await using var before = _server;
        _server = Start(before.DatabasePath);
        await FailAsync(Browser(Shop), Administrator.Email, 10);
        (await Browser(Shop).SignInAsync()).Is(429);

        (await tablet.SignInAsync()).Is(200);
    }

    [Fact]
    public async Task Device_has_ten_attempts_of_its_own()
    {
        var tablet = await SignInDeviceAsync(Shop);
        var phone = await SignInDeviceAsync(Elsewhere);
        await FailAsync(tablet, Administrator.Email, 10);

        (await tablet.SignInAsync()).Is(429);
        (await phone.SignInAsync()).Is(200);
        (await Browser(Shop).SignInAsync()).Is(200);
        _time.Advance(TimeSpan.FromMinutes(15));
        (await tablet.SignInAsync()).Is(200);
    }

    [Fact]
    public async Task Device_is_a_stranger_to_other_accounts()
    {
        await AddCustomerAsync();
        var tablet = await SignInDeviceAsync(Shop);
        await FailAsync(Browser(Elsewhere), Customer, 10);

        (await tablet.SignInAsync(Customer)).Is(429);
    }

    [Fact]
    public async Task Several_users_of_one_browser_are_all_known_on_it()
    {
        await AddCustomerAsync();
        var tablet = await SignInDeviceAsync(Shop);
        (await tablet.SignInAsync(Customer)).Is(200);
        await FailAsync(Browser(Elsewhere), Customer, 10);
        await FailAsync(Browser(Elsewhere), Administrator.Email, 10);

        (await tablet.SignInAsync()).Is(200);
        (await tablet.SignInAsync(Customer)).Is(200);
    }

    [Fact]
    public async Task Copy_of_the_cookie_is_worthless_after_the_next_sign_in()
    {
        var tablet = await SignInDeviceAsync(Shop);
        var copy = Browser(Elsewhere, tablet.DeviceCookie);
        (await tablet.SignInAsync()).Is(200);
        await FailAsync(Browser("203.0.113.9"), Administrator.Email, 10);

        (await copy.SignInAsync()).Is(429);
        (await tablet.SignInAsync()).Is(200);
    }

    [Theory]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("not a token")]
    [InlineData("")]
    public async Task Invented_cookie_does_not_make_a_device_known(string token)
    {
        await FailAsync(Browser(Elsewhere), Administrator.Email, 10);

        (await Browser(Shop, $"_kaffediem_device={token}").SignInAsync()).Is(429);
    }

    [Fact]
    public async Task Device_stays_known_after_a_new_password()
    {
        var tablet = await SignInDeviceAsync(Shop);
        await SetPasswordAsync();
        await FailAsync(Browser(Elsewhere), Administrator.Email, 10);
        (await Browser(Elsewhere).SignInAsync(password: NewPassword)).Is(429);

        (await tablet.SignInAsync(password: NewPassword)).Is(200);
    }

    /// <summary>An attacker with the old password must not get a hundred times ten guesses at the new one.</summary>
    [Fact]
    public async Task Devices_known_under_an_old_password_share_the_attempts_of_one_device()
    {
        var tablet = await SignInDeviceAsync(Shop);
        var phone = await SignInDeviceAsync(Elsewhere);
        await SetPasswordAsync();
        await FailAsync(tablet, Administrator.Email, 5);
        await FailAsync(phone, Administrator.Email, 5);
        (await tablet.SignInAsync(password: NewPassword)).Is(429);

        _time.Advance(TimeSpan.FromMinutes(15));
        (await tablet.SignInAsync(password: NewPassword)).Is(200);
        await FailAsync(phone, Administrator.Email, 10);
        (await tablet.SignInAsync(password: NewPassword)).Is(200); // its attempts are its own again
    }

    [Fact]
    public async Task Device_is_forgotten_after_400_days_without_a_sign_in()
    {
        var tablet = await SignInDeviceAsync(Shop);
        var cookie = tablet.DeviceCookie;
        _time.AdjustTime(_time.GetUtcNow() + TimeSpan.FromDays(400)); // no timer fires
        await FailAsync(Browser(Elsewhere), Administrator.Email, 10);

        (await Browser("203.0.113.9", cookie).SignInAsync()).Is(429);
    }

    [Fact]
    public async Task Database_has_only_the_hash_of_the_token()
    {
        var tablet = await SignInDeviceAsync(Shop);

        var stored = SqliteFile.Query<byte[]>(_server.DatabasePath, "SELECT token_hash FROM known_device").Single();

        var token = tablet.DeviceCookie.Split('=')[1];
        Assert.NotEqual(token, Convert.ToBase64String(stored).TrimEnd('=').Replace('+', '-').Replace('/', '_'));
        Assert.Equal(32, stored.Length);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private KaffediemServer Start(string? databasePath)
    {
        var server = KaffediemServer.Start(new ServerSetup
        {
            Environment = "Production",
            DatabasePath = databasePath,
            ConfigureServices = services => services
                .AddSingleton<TimeProvider>(_time)
                .AddSingleton(new PasswordVerifier((password, _) => password is Administrator.Password or NewPassword))
                .AddSingleton<IStartupFilter>(new Pretend(context => context.Connection.RemoteIpAddress =
                    IPAddress.Parse(context.Request.Headers[BrowserClient.AddressHeader].ToString()))),
        });
        server.Logs.Expect("are refused for now");
        return server;
    }

    private async Task<BrowserClient> SignInDeviceAsync(string address)
    {
        var browser = Browser(address);
        (await browser.SignInAsync()).Is(200);
        return browser;
    }

    private BrowserClient Browser(string address, string cookie = "") =>
        new(() => _server.BaseAddress, address, cookie);

    private async Task AddCustomerAsync() => await _server.Services.GetRequiredService<UserStore>()
        .CreateAsync(Customer, "Kari", "a hash", isAdmin: false, TestContext.Current.CancellationToken);

    private async Task SetPasswordAsync()
    {
        var ended = await ServerProgram.RunAsync(
            Path.GetDirectoryName(_server.DatabasePath)!,
            $"{NewPassword}\n",
            ["user", "set-password", Administrator.Email, $"--Database:Path={_server.DatabasePath}"]);
        Assert.Equal(0, ended.ExitCode);
    }

    private static async Task FailAsync(BrowserClient browser, string email, int times)
    {
        for (var i = 0; i < times; i++)
        {
            (await browser.SignInAsync(email, "wrong")).Is(401);
        }
    }

    /// <summary>
    /// A browser that keeps only the device's cookie: its session has ended, as it does after two weeks.
    /// </summary>
    private sealed class BrowserClient(Func<Uri> server, string address, string cookie)
    {
        public const string AddressHeader = "X-Test-Address";

        private string _address = address;

        public string DeviceCookie { get; private set; } = cookie;

        public void MoveTo(string other) => _address = other;

        public async Task<RestAnswer> SignInAsync(string email = Administrator.Email, string? password = null)
        {
            using var client = new RestClient(server()) { Password = Administrator.Password };
            client.Headers.Add(AddressHeader, _address);
            client.Headers.TryAddWithoutValidation("Cookie", DeviceCookie);
            var answer = await client.SignInAsync(email, password);
            if (answer.Status == 200)
            {
                DeviceCookie = answer.Values("Set-Cookie")[1].Split(';')[0];
                Assert.StartsWith("_kaffediem_device=", DeviceCookie, StringComparison.Ordinal);
            }

            return answer;
        }
    }
}
