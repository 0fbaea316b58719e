using System.Net;
using System.Security.Claims;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Protocol.LongPoll;

/// <summary>
/// Places among the connections are for clients that have proved that they read; some are reserved for users.
/// </summary>
public sealed class ProofTests
{
    private const string NoRoom = "REFUSED a connection";

    public static TheoryData<string> Transports => ["websocket", "longpoll"];

    [Fact]
    public async Task Opened_long_poll_sessions_take_no_place()
    {
        await using var app = await StartAsync(options => options.MaxConnectionsPerAddress = 1);
        for (var i = 0; i < 20; i++)
        {
            Assert.True((await ConnectAttempt.MakeAsync(app, "longpoll")).IsLetIn);
        }

        using var client = await ConnectAttempt.MakeAsync(app, "websocket");

        Assert.True(client.IsLetIn);
    }

    [Fact]
    public async Task Session_takes_a_place_with_its_first_poll_or_post_and_ends_if_there_is_none()
    {
        await using var app = await StartAsync(options => options.MaxConnectionsPerAddress = 1);
        app.Logs.Expect(NoRoom);
        using var first = await LongPollClient.OpenAsync(app.Address);
        using var second = await LongPollClient.OpenAsync(app.Address);
        using var third = await LongPollClient.OpenAsync(app.Address);

        Assert.Equal(200, (await first.PostAsync("""["1","1","room:a","phx_join",{}]""")).Status);
        Assert.Equal(200, (await first.PollAsync()).Status);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await second.PollAsync()).HttpStatus);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await third.PostAsync()).HttpStatus);
        Assert.Equal(410, (await third.PostAsync()).Status); // the session has ended
        Assert.Equal(200, (await first.PostAsync()).Status);
    }

    [Fact]
    public async Task Oldest_unproven_session_of_the_address_is_ended_first()
    {
        await using var app = await StartAsync(options => options.MaxUnprovenSessionsPerAddress = 2);
        var oldest = await OpenFromAsync(app, "192.0.2.1");
        var other = await OpenFromAsync(app, "192.0.2.2");
        var proven = await OpenFromAsync(app, "192.0.2.1");
        Assert.Equal(200, await PostAsync(app, proven));
        var middle = await OpenFromAsync(app, "192.0.2.1");
        var newest = await OpenFromAsync(app, "192.0.2.1");

        int[] statuses =
        [
            await PostAsync(app, oldest), await PostAsync(app, other), await PostAsync(app, proven),
            await PostAsync(app, middle), await PostAsync(app, newest),
        ];

        Assert.Equal([410, 200, 200, 200, 200], statuses);
    }

    [Fact]
    public async Task Oldest_of_all_unproven_sessions_is_ended_first()
    {
        await using var app = await StartAsync(options => options.MaxUnprovenSessions = 2);
        var oldest = await OpenFromAsync(app, "192.0.2.1");
        var middle = await OpenFromAsync(app, "192.0.2.2");
        var newest = await OpenFromAsync(app, "192.0.2.3");

        int[] statuses = [await PostAsync(app, oldest), await PostAsync(app, middle), await PostAsync(app, newest)];

        Assert.Equal([410, 200, 200], statuses);
    }

    // Half of the four places in all are reserved, and half of the two of one address.
    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Places_are_reserved_for_users_when_strangers_hold_all_others(string transport)
    {
        await using var app = await StartAsync(options =>
            (options.MaxConnections, options.MaxConnectionsPerAddress, options.KeptForUsersPercent) = (4, 2, 50));
        app.Logs.Expect(NoRoom);
        using var stranger = await ConnectAsync(app, "websocket", "192.0.2.1");
        using var neighbour = await ConnectAsync(app, "websocket", "192.0.2.1");
        using var other = await ConnectAsync(app, "websocket", "192.0.2.2");
        using var third = await ConnectAsync(app, "websocket", "192.0.2.3");

        using var till = await ConnectAsync(app, transport, "192.0.2.1", user: "anna");

        Assert.Equal(
            [101, 429, 101, 503], new[] { stranger, neighbour, other, third }.Select(attempt => attempt.Status));
        Assert.True(till.IsLetIn);
    }

    // Of ten reserved places one user, like one address, may have two.
    [Fact]
    public async Task One_user_does_not_get_all_reserved_places()
    {
        await using var app = await StartAsync(options =>
            (options.MaxConnections, options.MaxConnectionsPerAddress, options.KeptForUsersPercent) = (20, 4, 50));
        app.Logs.Expect(NoRoom);
        var attempts = new List<ConnectAttempt>();
        for (var i = 0; i < 10; i++)
        {
            attempts.Add(await ConnectAsync(app, "websocket", $"192.0.2.{i}"));
        }

        for (var i = 0; i < 3; i++)
        {
            attempts.Add(await ConnectAsync(app, "websocket", $"198.51.100.{i}", user: "anna"));
        }

        attempts.Add(await ConnectAsync(app, "websocket", "198.51.100.9", user: "bo"));

        Assert.Equal([101, 101, 503, 101], attempts[10..].Select(attempt => attempt.Status));
        attempts.ForEach(attempt => attempt.Dispose());
    }

    [Fact]
    public async Task Refusals_for_lack_of_room_are_logged_once_a_minute_with_address_and_count()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var app = await StartAsync(options => options.MaxConnectionsPerAddress = 1, time);
        app.Logs.Expect(NoRoom);
        using var first = await ConnectAsync(app, "websocket", "192.0.2.1");
        for (var i = 0; i < 5; i++)
        {
            using var refused = await ConnectAsync(app, "longpoll", "192.0.2.1");
        }

        Assert.Equal(1, app.Logs.Count(NoRoom));
        time.Advance(TimeSpan.FromMinutes(1));
        using var held = await ConnectAsync(app, "websocket", "192.0.2.7");
        using var last = await ConnectAsync(app, "websocket", "192.0.2.7");

        Assert.Equal(
            1, app.Logs.Count($"{NoRoom} from 192.0.2.7 over websocket: too many connections from one address. "
                + "Refused since the last such line: 4 more."));
        Assert.Equal(2, app.Logs.Count(NoRoom));
    }

    private static Task<PhoenixApp> StartAsync(Action<PhoenixOptions> configure, TimeProvider? time = null) =>
        PhoenixApp.StartAsync(configure, time: time, configureApp: app => app.Use((context, next) =>
        {
            if ((string?)context.Request.Headers["X-Peer"] is { } peer)
            {
                context.Connection.RemoteIpAddress = IPAddress.Parse(peer);
            }

            if ((string?)context.Request.Headers["X-User"] is { } user)
            {
                context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, user)], "test"));
            }

            return next(context);
        }));

    private static Task<ConnectAttempt> ConnectAsync(
        PhoenixApp app, string transport, string peer, string? user = null) =>
        ConnectAttempt.MakeAsync(
            app, transport, "vsn=2.0.0", "/socket", ("X-Peer", peer), (user is null ? "X-None" : "X-User", user ?? ""));

    private static async Task<string> OpenFromAsync(PhoenixApp app, string peer) =>
        (await ConnectAsync(app, "longpoll", peer)).Token;

    private static async Task<int> PostAsync(PhoenixApp app, string token)
    {
        using var client = new LongPollClient(app.Address) { Token = token };
        return (await client.PostAsync()).Status;
    }
}
