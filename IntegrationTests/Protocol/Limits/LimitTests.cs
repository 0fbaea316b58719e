using System.Net;
using System.Net.Sockets;
using Kaffediem.IntegrationTests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Protocol.Limits;

/// <summary>
/// The number of connections is limited in total (503) and per address (429). Further ones are refused before any work
/// (docs/design.md, "Budgets"). phoenix.js tries again later after either answer.
/// </summary>
public sealed class LimitTests
{
    public static TheoryData<string> Transports => ["websocket", "longpoll"];

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Client_beyond_the_total_limit_is_refused_with_503_before_any_other_check(
        string transport)
    {
        await using var app = await StartAsync(maxPerAddress: 2, max: 2);
        using var first = await ConnectAttempt.MakeAsync(app, "websocket");
        using var second = await LongPollClient.OpenAsync(app.Address);
        await second.PostAsync();

        // Its version is wrong, too, but is not checked.
        using var third = await ConnectAttempt.MakeAsync(app, transport, "vsn=9.0.0");

        Assert.True(first.IsLetIn);
        Assert.Equal((503, ""), (third.HttpStatus, third.Body));
        Assert.Equal(2, app.State.Connects.Count);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Client_beyond_the_limit_of_its_address_is_refused_with_429(string transport)
    {
        await using var app = await StartAsync(maxPerAddress: 1);
        using var first = await ConnectFromAsync(app, "192.0.2.1", "websocket");

        using var second = await ConnectFromAsync(app, "192.0.2.1", transport);
        using var other = await ConnectFromAsync(app, "192.0.2.2", transport);

        Assert.Equal((429, ""), (second.HttpStatus, second.Body));
        Assert.True(other.IsLetIn);
        Assert.Equal(2, app.State.Connects.Count);
    }

    // A client with one address of IPv6 has its whole /64 network, and the same client may use IPv4 or IPv6.
    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("2001:db8:1:2::1", "2001:db9:1:2::1", false)]
    [InlineData("fe80::1%1", "fe80::2%2", true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("::ffff:192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("::ffff:192.0.2.1", "::ffff:192.0.2.2", false)]
    [InlineData("192.0.2.1", "192.0.2.128", false)]
    [InlineData("::1", "127.0.0.1", false)]
    public async Task Address_means_one_IPv4_address_or_one_IPv6_network(string first, string second, bool isOne)
    {
        await using var app = await StartAsync(maxPerAddress: 1);
        using var attempt = await ConnectFromAsync(app, first, "websocket");

        using var next = await ConnectFromAsync(app, second, "websocket");

        Assert.Equal(isOne ? 429 : 101, next.Status);
    }

    // As over a Unix socket: only the total limit applies.
    [Fact]
    public async Task Client_without_an_address_counts_in_total_only()
    {
        await using var app = await StartAsync(maxPerAddress: 1, max: 3);
        ConnectAttempt[] attempts =
        [
            await ConnectFromAsync(app, "none", "websocket"),
            await ConnectFromAsync(app, "none", "websocket"),
            await ConnectFromAsync(app, "none", "websocket"),
            await ConnectFromAsync(app, "none", "websocket"),
        ];

        Assert.Equal([101, 101, 101, 503], attempts.Select(attempt => attempt.Status));
        Assert.Null(app.State.Connects.First().Info.Peer);
        Array.ForEach(attempts, attempt => attempt.Dispose());
    }

    [Theory]
    [InlineData("websocket", "vsn=2.0.0&deny=429", 429)]
    [InlineData("websocket", "vsn=2.0.0&crash=1", 500)]
    [InlineData("websocket", "vsn=2.0.0&id=crash", 500)]
    [InlineData("websocket", "vsn=9.0.0", 403)]
    [InlineData("websocket", "vsn=2.0.0", 400, "Sec-WebSocket-Key", null)]
    [InlineData("websocket", "vsn=2.0.0", 403, "Origin", "http://evil.example")]
    [InlineData("websocket", "vsn=2.0.0", 403, "Sec-WebSocket-Protocol", "base64url.bearer.phx.!")]
    [InlineData("longpoll", "vsn=2.0.0&deny=429", 403)]
    [InlineData("longpoll", "vsn=2.0.0&crash=1", 500)]
    [InlineData("longpoll", "vsn=2.0.0&id=crash", 500)]
    [InlineData("longpoll", "vsn=9.0.0", 403)]
    [InlineData("longpoll", "vsn=2.0.0", 403, "Origin", "http://evil.example")]
    public async Task Refused_client_takes_no_place(
        string transport, string query, int status, string header = "X-None", string? value = "none")
    {
        await using var app = await StartAsync(maxPerAddress: 1, max: 1);
        app.Logs.Expect("InvalidOperationException: secret");

        using var refused = await ConnectAttempt.MakeAsync(app, transport, query, "/socket", (header, value));
        using var next = await ConnectAttempt.MakeAsync(app, "websocket");

        Assert.Equal(status, refused.Status);
        Assert.Equal(101, next.Status);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Client_that_leaves_while_connecting_gives_its_place_back(string transport)
    {
        await using var app = await StartAsync(maxPerAddress: 1, max: 1);
        using var giveUp = new CancellationTokenSource();
        using var http = new HttpClient();

        var connecting = http.GetAsync(new Uri(app.Address, $"/socket/{transport}?vsn=2.0.0&wait=never"), giveUp.Token);
        Assert.Equal("connecting", app.State.NextEvent());
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);

        using var next = await ReachFreePlaceAsync(app);
    }

    [Fact]
    public async Task End_of_a_socket_gives_its_place_back()
    {
        await using var app = await StartAsync(maxPerAddress: 1, max: 1);

        using (var polite = await ReachFreePlaceAsync(app))
        {
            await polite.Frames.SendFrameAsync(0x8, [3, 232]);
            Assert.Equal(1000, await polite.Frames.ReadCloseCodeAsync());
        }

        using (var thrownOut = await ReachFreePlaceAsync(app))
        {
            await thrownOut.Frames.SendTextAsync("rubbish");
            Assert.Equal(1011, await thrownOut.Frames.ReadCloseCodeAsync());
        }

        using (var unplugged = await ReachFreePlaceAsync(app))
        {
            unplugged.Frames.Reset();
        }

        using var next = await ReachFreePlaceAsync(app);
    }

    [Fact]
    public async Task End_of_a_long_poll_session_gives_its_place_back()
    {
        var time = new FakeTimeProvider();
        await using var app = await StartAsync(maxPerAddress: 1, max: 1, time);
        using var meter = new MeterReader(app);
        using var poll = await LongPollClient.OpenAsync(app.Address);
        await poll.PostAsync();
        using var refused = await ConnectAttempt.MakeAsync(app, "websocket");

        time.Advance(TimeSpan.FromSeconds(16)); // 1.5 times the window without a poll
        await meter.ReachAsync("phoenix.connections transport=longpoll vsn=2.0.0", 0);

        Assert.Equal(503, refused.Status);
        using var next = await ReachFreePlaceAsync(app);
    }

    // Places are neither lost nor gained.
    [Fact]
    public async Task Count_is_exact_when_many_clients_connect_and_leave_at_once()
    {
        await using var app = await StartAsync(maxPerAddress: 30, max: 30);
        for (var round = 0; round < 5; round++)
        {
            var attempts = await Task.WhenAll(
                Enumerable.Range(0, 100).Select(_ => ConnectAttempt.MakeAsync(app, "websocket")));
            Assert.InRange(attempts.Count(attempt => attempt.IsLetIn), 1, 30);
            await Parallel.ForEachAsync(attempts, (attempt, _) =>
            {
                attempt.Dispose();
                return ValueTask.CompletedTask;
            });
        }

        var last = new List<ConnectAttempt>();
        for (var i = 0; i < 30; i++)
        {
            last.Add(await ReachFreePlaceAsync(app));
        }

        using var tooMany = await ConnectAttempt.MakeAsync(app, "websocket");
        Assert.Equal(503, tooMany.Status);
        last.ForEach(attempt => attempt.Dispose());
    }

    // At whatever point of the handshake the connection breaks, no place stays occupied and no error is logged.
    [Fact]
    public async Task Connections_broken_during_the_handshake_leave_nothing_behind()
    {
        await using var app = await StartAsync(maxPerAddress: 400, max: 400);
        for (var round = 0; round < 5; round++)
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, 200), async (i, _) =>
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp)
                {
                    LingerState = new LingerOption(true, 0),
                };
                await socket.ConnectAsync(app.Address.Host, app.Address.Port, CancellationToken.None);
                await socket.SendAsync(
                    "GET /socket/websocket?vsn=2.0.0 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"u8.ToArray());
                await socket.SendAsync("Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"u8.ToArray());
                await socket.SendAsync("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"u8.ToArray());
                Thread.SpinWait(i * 100);
            });
        }

        using var next = await ReachFreePlaceAsync(app);
    }

    private static async Task<PhoenixApp> StartAsync(int maxPerAddress, int max = 100, TimeProvider? time = null)
    {
        var app = await PhoenixApp.StartAsync(
            options => (options.MaxConnectionsPerAddress, options.MaxConnections, options.KeptForUsersPercent) =
                (maxPerAddress, max, 0),
            time: time,
            configureApp: app => app.Use((context, next) =>
            {
                if ((string?)context.Request.Headers["X-Peer"] is { } peer)
                {
                    context.Connection.RemoteIpAddress = IPAddress.TryParse(peer, out var address) ? address : null;
                }

                return next(context);
            }));
        app.Logs.Expect("REFUSED a connection");
        return app;
    }

    private static Task<ConnectAttempt> ConnectFromAsync(PhoenixApp app, string peer, string transport) =>
        ConnectAttempt.MakeAsync(app, transport, "vsn=2.0.0", "/socket", ("X-Peer", peer));

    // A place is free once the server has noticed the end of a connection, which no client can see.
    private static async Task<ConnectAttempt> ReachFreePlaceAsync(PhoenixApp app)
    {
        ConnectAttempt? attempt = null;
        await Polling.UntilAsync(async () =>
        {
            attempt?.Dispose();
            attempt = await ConnectAttempt.MakeAsync(app, "websocket");
            return attempt.Status != 503;
        });
        Assert.True(attempt!.IsLetIn);
        return attempt;
    }
}
