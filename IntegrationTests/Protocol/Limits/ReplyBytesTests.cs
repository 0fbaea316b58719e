using System.Net;
using System.Security.Claims;
using Kaffediem.IntegrationTests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Protocol.Limits;

/// <summary>The bytes of replies that a client may ask for are limited.</summary>
public sealed class ReplyBytesTests
{
    private const int Burst = 100_000;
    private const string Refused = "REFUSED a join or push";

    private static readonly string LongReply = $$$"""{"reply":{"text":"{{{new string('x', 30_000)}}}"}}""";

    [Theory]
    [EachWire]
    public async Task Joins_get_an_error_once_the_burst_is_used_up_and_succeed_again_later(Wire wire)
    {
        var time = new FakeTimeProvider();
        await using var app = await PhoenixApp.StartAsync(
            options =>
            {
                (options.MaxReplyBytesPerSecond, options.MaxReplyBurstBytes) = (1_000, Burst);
                options.LongPollWindow = TimeSpan.FromHours(1); // no session must end while time advances
            },
            time: time);
        using var client = await app.ConnectAsync(wire);

        // The fourth reply begins with the rest of the burst and is as long as the others.
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("ok", (await client.JoinAsync($"room:{i}", payload: LongReply)).Status);
        }

        var refused = await client.JoinAsync("room:4", payload: LongReply);
        await client.SendAsync(null, "\"7\"", "phoenix", "heartbeat");
        var heartbeat = await client.ReceiveAsync();
        time.Advance(TimeSpan.FromSeconds(30)); // longer than its debt lasts

        Assert.Equal(("error", "too many bytes asked for: try again later"), (refused.Status, refused.Reason));
        Assert.Equal("ok", heartbeat.Status);
        Assert.Equal("ok", (await client.JoinAsync("room:4", payload: LongReply)).Status);
    }

    // All requests arrive before the first reply is built.
    [Fact]
    public async Task Requests_sent_at_once_are_bounded_too()
    {
        await using var app = await PhoenixApp.StartAsync(
            options => (options.MaxReplyBytesPerSecond, options.MaxReplyBurstBytes) = (1, Burst),
            time: new FakeTimeProvider());
        using var client = await app.ConnectAsync();

        await client.JoinAsync("room:a");
        await client.SendTextAsync([.. Enumerable.Range(2, 50).Select(
            i => $"""["1","{i}","room:a","echo",{LongReply}]""")]);

        var statuses = new List<string?>();
        while (statuses.Count < 50)
        {
            statuses.Add((await client.ReceiveAsync()).Status);
        }

        Assert.Equal([.. Enumerable.Repeat("ok", 4), .. Enumerable.Repeat("error", 46)], statuses);
    }

    // The burst used to be per connection, so every reconnect began with a new one.
    [Theory]
    [EachWire]
    public async Task Connections_of_one_address_share_a_budget_that_outlives_them(Wire wire)
    {
        var time = new FakeTimeProvider();
        await using var app = await StartSharingAsync(time);
        for (var i = 0; i < 4; i++)
        {
            using var client = await app.ConnectAsync(wire);
            Assert.Equal("ok", (await client.JoinAsync("room:a", payload: LongReply)).Status);
        }

        using var next = await app.ConnectAsync(wire);
        var refused = await next.JoinAsync("room:a", payload: LongReply);
        await next.SendAsync(null, "\"7\"", "phoenix", "heartbeat");
        var heartbeat = await next.ReceiveAsync();
        time.Advance(TimeSpan.FromSeconds(30)); // longer than their debt lasts

        Assert.Equal(("error", "too many bytes asked for: try again later"), (refused.Status, refused.Reason));
        Assert.Equal("ok", heartbeat.Status);
        Assert.Equal(1, app.Logs.Count(Refused));
        Assert.Equal("ok", (await next.JoinAsync("room:a", payload: LongReply)).Status);
    }

    [Fact]
    public async Task Other_addresses_and_signed_in_users_have_their_own_budgets()
    {
        await using var app = await StartSharingAsync(new FakeTimeProvider());
        (string Name, string? Value) here = ("X-Peer", "2001:db8:1:2::1");
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("ok", await JoinAsync(app, here));
        }

        Assert.Equal("error", await JoinAsync(app, ("X-Peer", "2001:db8:1:2:ffff::1"))); // the same /64
        Assert.Equal("ok", await JoinAsync(app, ("X-Peer", "2001:db8:1:3::1")));
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("ok", await JoinAsync(app, here, ("X-User", "anna")));
        }

        Assert.Equal("error", await JoinAsync(app, ("X-Peer", "2001:db8:1:3::1"), ("X-User", "anna")));
        Assert.Equal("ok", await JoinAsync(app, here, ("X-User", "bo")));
    }

    [Fact]
    public async Task Debt_of_a_budget_is_at_most_its_size()
    {
        var time = new FakeTimeProvider();
        await using var app = await StartSharingAsync(time);
        var waiting = $$"""{"wait":"all",{{LongReply[1..]}}""";
        using var client = await app.ConnectAsync();
        using (var hasty = await app.ConnectAsync())
        {
            await hasty.SendTextAsync([.. Enumerable.Range(1, 20).Select(
                i => $"""["{i}","{i}","room:{i}","phx_join",{waiting}]""")]);
            for (var i = 0; i < 20; i++)
            {
                app.State.NextEvent();
            }

            app.State.Open("all");
            for (var i = 0; i < 20; i++)
            {
                Assert.Equal("ok", (await hasty.ReceiveAsync()).Status);
            }
        }

        Assert.Equal("error", (await client.JoinAsync("room:c", payload: LongReply)).Status);
        time.Advance(TimeSpan.FromSeconds((Burst / 1_000) + 1));
        Assert.Equal("ok", (await client.JoinAsync("room:c", payload: LongReply)).Status);
    }

    private static async Task<PhoenixApp> StartSharingAsync(FakeTimeProvider time)
    {
        var app = await PhoenixApp.StartAsync(
            options =>
            {
                (options.MaxReplyBytesPerSecondPerClient, options.MaxReplyBurstBytesPerClient) = (1_000, Burst);
                // No session, connection or channel must end while time advances.
                options.LongPollWindow = options.IdleTimeout = options.ChannelShutdownTimeout = TimeSpan.FromHours(1);
            },
            time: time,
            configureApp: app => app.Use(PretendAsync));
        app.Logs.Expect(Refused);
        return app;
    }

    private static Task PretendAsync(HttpContext context, RequestDelegate next)
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
    }

    private static async Task<string?> JoinAsync(PhoenixApp app, params (string Name, string? Value)[] headers)
    {
        var frames = await FrameClient.ConnectAsync(app.Address, "/socket/websocket?vsn=2.0.0", "GET", headers);
        using var client = new WireClient(frames, version: 2);
        return (await client.JoinAsync("room:a", payload: LongReply)).Status;
    }
}
