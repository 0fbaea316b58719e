using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence.Accounts;
using Kaffediem.Server.Accounts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Accounts;

/// <summary>How long a session lasts: beyond a restart, but not beyond its password.</summary>
public sealed class SessionLifeTests
{
    private const string Session = "/api/session";
    private const string Staff = "presence:staff";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero));

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Session_survives_a_restart_and_still_expires_after_fourteen_days()
    {
        await using var first = Start();
        var cookie = await SignInAsync(first);
        await first.StopAsync();
        _time.Advance(TimeSpan.FromDays(13));

        await using var second = Start(first.DatabasePath);
        using var client = second.CreateClient();
        client.Headers.Add("Cookie", cookie);

        (await client.GetAsync(Session)).Is(200);
        (await client.PatchAsync("/api/collections/status/records/1", """{"open":false}""")).Is(200);
        _time.Advance(TimeSpan.FromDays(1));
        (await client.GetAsync(Session)).Is(204);
        (await client.PatchAsync("/api/collections/status/records/1", """{"open":true}""")).Is(401);
    }

    [Fact]
    public async Task Ended_session_stays_ended_after_a_restart()
    {
        await using var first = Start();
        var cookie = await SignInAsync(first);
        using (var client = first.CreateClient())
        {
            client.Headers.Add("Cookie", cookie);
            (await client.DeleteAsync(Session)).Is(204);
        }

        await first.StopAsync();

        await using var second = Start(first.DatabasePath);
        using var thief = second.CreateClient();
        thief.Headers.Add("Cookie", cookie);
        (await thief.GetAsync(Session)).Is(204);
    }

    [Theory]
    [InlineData("set-password")]
    [InlineData("remove")]
    public async Task Sockets_lose_their_user_when_the_sessions_end(string action)
    {
        await using var server = Start();
        var cookie = await SignInAsync(server);
        using var kitchen = await ConnectAsync(server, cookie);
        Assert.Equal("ok", (await kitchen.JoinAsync(Staff)).Status);
        using var phone = await ConnectAsync(server, await SignInAsync(server)); // another session of the same user
        using var display = await ConnectAsync(server, cookie: null);

        // Another process has written to the file; the server has not been notified.
        string[] force = action == "remove" ? ["--force"] : [];
        var ended = await ServerProgram.RunAsync(
            Path.GetDirectoryName(server.DatabasePath)!,
            "hemmelig nok\n",
            ["user", action, "admin@kaffediem.test", .. force, $"--Database:Path={server.DatabasePath}"]);
        Assert.Equal(0, ended.ExitCode);
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(1001, await kitchen.Frames.ReadCloseCodeAsync()); // phoenix.js reconnects, without a user
        Assert.Equal(1001, await phone.Frames.ReadCloseCodeAsync());
        using var again = await ConnectAsync(server, cookie);
        Assert.Equal("sign in first", (await again.JoinAsync(Staff)).Reason);
        await display.AssertSilentAsync();
    }

    [Fact]
    public async Task Socket_with_a_valid_session_stays_open()
    {
        await using var server = Start();
        using var kitchen = await ConnectAsync(server, await SignInAsync(server));

        for (var i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            await kitchen.AssertSilentAsync();
        }
    }

    [Fact]
    public async Task Sign_in_is_refused_when_the_password_changes_during_the_comparison()
    {
        var users = default(UserStore);
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Environment = "Production",
            ConfigureServices = services => services.AddSingleton(new PasswordVerifier((_, _) =>
            {
                // While the server compares the old password.
                users!.SetPasswordAsync("admin@kaffediem.test", "another hash", CancellationToken)
                    .Wait(CancellationToken);
                return true;
            })),
        });
        users = server.Services.GetRequiredService<UserStore>();
        using var client = server.CreateClient();

        var answer = await client.SignInAsync();

        answer.Is(401);
        Assert.Null(answer.Header("Set-Cookie"));
    }

    private KaffediemServer Start(string? databasePath = null) => KaffediemServer.Start(new ServerSetup
    {
        Environment = "Production",
        DatabasePath = databasePath,
        ConfigureServices = services => services.AddSingleton<TimeProvider>(_time),
    });

    private static async Task<string> SignInAsync(KaffediemServer server)
    {
        using var client = server.CreateClient();
        var answer = await client.SignInAsync();
        answer.Is(200);
        return answer.Header("Set-Cookie")!.Split(';')[0];
    }

    private static async Task<WireClient> ConnectAsync(KaffediemServer server, string? cookie)
    {
        var frames = await FrameClient.ConnectAsync(
            server.BaseAddress, "/socket/websocket?vsn=2.0.0", "GET", ("Cookie", cookie));
        Assert.Equal(101, frames.Status);
        return new WireClient(frames, 2);
    }
}
