using System.Globalization;
using System.Net;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Server.Accounts;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Accounts;

/// <summary>Failed sign-ins are limited per account and per address (docs/rest.md, "Sessions").</summary>
public sealed class SignInLimitTests : IAsyncDisposable
{
    private const string TooMany =
        """{"errors":{"detail":"Too many attempts to sign in have failed: try again in 900 seconds."}}""";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero));
    private readonly KaffediemServer _server;
    private string _address = "192.0.2.1";
    private int _compared;

    public SignInLimitTests()
    {
        _server = KaffediemServer.Start(new ServerSetup
        {
            Environment = "Production",
            ConfigureServices = services => services
                .AddSingleton<TimeProvider>(_time)
                .AddSingleton(new PasswordVerifier(
                    (password, _) => ++_compared > 0 && password == Administrator.Password))
                .AddSingleton<IStartupFilter>(
                    new Pretend(context => context.Connection.RemoteIpAddress = IPAddress.Parse(_address))),
        });
        _server.Logs.Expect("are refused for now");
    }

    [Theory]
    [InlineData("admin@kaffediem.test")]
    [InlineData("nobody@kaffediem.test")]
    public async Task After_ten_failures_an_account_is_refused_whether_or_not_it_exists(string email)
    {
        await FailAsync(email, times: 10);

        var refused = await SignInAsync(email.ToUpperInvariant(), "wrong");

        refused.Is(429, TooMany);
        Assert.Equal("900", refused.Header("Retry-After"));
        Assert.Equal(10, _compared);
    }

    [Fact]
    public async Task Right_password_is_refused_too_until_the_time_is_over()
    {
        await FailAsync("admin@kaffediem.test", times: 1);
        _time.Advance(TimeSpan.FromMinutes(5));
        await FailAsync("admin@kaffediem.test", times: 9);

        _time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(0.5));
        var refused = await SignInAsync();
        refused.Is(429);
        Assert.Equal("1", refused.Header("Retry-After"));
        Assert.Null(refused.Header("Set-Cookie"));

        _time.Advance(TimeSpan.FromSeconds(0.5));
        (await SignInAsync()).Is(200);
    }

    [Fact]
    public async Task Success_resets_the_account_but_no_other()
    {
        await FailAsync("admin@kaffediem.test", times: 9);
        (await SignInAsync()).Is(200);
        await FailAsync("admin@kaffediem.test", times: 10);

        (await SignInAsync("other@kaffediem.test", "wrong")).Is(401);
        (await SignInAsync()).Is(429);
    }

    [Fact]
    public async Task Known_address_is_not_locked_out_by_attempts_from_others()
    {
        (await SignInAsync()).Is(200);
        _address = "192.0.2.66";
        await FailAsync("admin@kaffediem.test", times: 10);
        (await SignInAsync()).Is(429);

        _address = "192.0.2.1";
        (await SignInAsync()).Is(200);
        await FailAsync("admin@kaffediem.test", times: 10);
        (await SignInAsync()).Is(429);
    }

    /// <summary>The command is another process: it writes to the file and cannot notify the server.</summary>
    [Fact]
    public async Task New_password_has_its_own_attempts()
    {
        await FailAsync("admin@kaffediem.test", times: 10);
        (await SignInAsync()).Is(429);

        await RunUserCommandAsync("set-password", "admin@kaffediem.test");

        (await SignInAsync()).Is(200);
        await FailAsync("admin@kaffediem.test", times: 10);
        (await SignInAsync()).Is(429);
    }

    [Fact]
    public async Task New_password_does_not_lift_the_limit_of_another_account()
    {
        await FailAsync("other@kaffediem.test", times: 10);

        await RunUserCommandAsync("set-password", "admin@kaffediem.test");

        (await SignInAsync("other@kaffediem.test")).Is(429);
    }

    [Fact]
    public async Task Known_address_stays_known_after_a_new_password()
    {
        (await SignInAsync()).Is(200);
        await RunUserCommandAsync("set-password", "admin@kaffediem.test");
        _address = "192.0.2.66";
        await FailAsync("admin@kaffediem.test", times: 10);
        (await SignInAsync()).Is(429);

        _address = "192.0.2.1";
        (await SignInAsync()).Is(200);
    }

    [Fact]
    public async Task Simultaneous_attempts_do_not_exceed_the_limit()
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(_ => SignInAsync("admin@kaffediem.test", "wrong")));

        Assert.Equal(10, answers.Count(answer => answer.Status == 401));
        Assert.Equal(30, answers.Count(answer => answer.Status == 429));
    }

    [Fact]
    public async Task Address_is_refused_for_every_account_after_fifty_failures()
    {
        for (var i = 0; i < 50; i++)
        {
            await FailAsync($"user{i}@kaffediem.test", times: 1);
        }

        var refused = await SignInAsync();
        refused.Is(429, TooMany);
        Assert.Equal("900", refused.Header("Retry-After"));

        _address = "192.0.2.2";
        (await SignInAsync()).Is(200);
    }

    [Fact]
    public async Task Success_does_not_reset_the_failures_of_an_address()
    {
        for (var i = 0; i < 49; i++)
        {
            await FailAsync($"user{i}@kaffediem.test", times: 1);
            (await SignInAsync()).Is(200);
        }

        await FailAsync("last@kaffediem.test", times: 1);
        (await SignInAsync()).Is(429);
    }

    [Theory]
    [InlineData("2001:db8:1:2::3", "2001:db8:1:2:ffff::4", 429)]
    [InlineData("2001:db8:1:2::3", "2001:db8:1:3::3", 200)]
    [InlineData("192.0.2.9", "::ffff:192.0.2.9", 429)]
    public async Task IPv6_network_counts_as_one_address(string one, string other, int status)
    {
        _address = one;
        for (var i = 0; i < 50; i++)
        {
            await FailAsync($"user{i}@kaffediem.test", times: 1);
        }

        _address = other;
        (await SignInAsync()).Is(status);
    }

    [Fact]
    public async Task Malformed_sign_in_is_not_an_attempt()
    {
        using var client = _server.CreateClient();
        for (var i = 0; i < 20; i++)
        {
            (await client.PostAsync("/api/session", """{"email":"admin@kaffediem.test"}""")).Is(400);
        }

        (await SignInAsync()).Is(200);
    }

    [Fact]
    public async Task Limits_are_settings()
    {
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Environment = "Production",
            Settings =
            {
                ["Auth:AttemptsPerAccount"] = "1",
                ["Auth:AttemptsPerAddress"] = "2",
                ["Auth:AttemptMinutes"] = "1",
            },
            ConfigureServices = services => services.AddSingleton(new PasswordVerifier((_, _) => false)),
        });
        server.Logs.Expect("are refused for now");
        using var client = server.CreateClient();

        (await client.SignInAsync("a@x.no")).Is(401);
        (await client.SignInAsync("a@x.no")).Is(429);
        (await client.SignInAsync("b@x.no")).Is(401);
        var refused = await client.SignInAsync("c@x.no");
        refused.Is(429);
        Assert.InRange(int.Parse(refused.Header("Retry-After")!, CultureInfo.InvariantCulture), 1, 60);
        // One line a minute for all accounts, although b was refused too, and one for addresses.
        Assert.Equal(1, server.Logs.Count("Sign-ins to an account are refused for now"));
        Assert.Equal(1, server.Logs.Count("Sign-ins from 127.0.0.1 are refused for now"));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    // Each attempt comes from a stranger without a cookie.
    private async Task<RestAnswer> SignInAsync(string email = Administrator.Email, string? password = null)
    {
        using var client = _server.CreateClient();
        return await client.SignInAsync(email, password);
    }

    private async Task RunUserCommandAsync(string action, string email)
    {
        var ended = await ServerProgram.RunAsync(
            Path.GetDirectoryName(_server.DatabasePath)!,
            "hemmelig nok\n",
            ["user", action, email, $"--Database:Path={_server.DatabasePath}"]);
        Assert.Equal(0, ended.ExitCode);
    }

    private async Task FailAsync(string email, int times)
    {
        for (var i = 0; i < times; i++)
        {
            (await SignInAsync(email, "wrong")).Is(401);
        }
    }
}
