using Kaffediem.IntegrationTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Protocol.WebSockets;

/// <summary>
/// How the server closes connections: docs/protocol.md, "Close codes"; reference transcript 2.13, 2.14.
/// </summary>
public sealed class CloseTests
{
    [Fact]
    public async Task Silent_client_is_closed_with_1002()
    {
        var time = new FakeTimeProvider();
        await using var app = await PhoenixApp.StartAsync(time: time);
        using var meter = new MeterReader(app);
        using var silent = await app.ConnectAsync();
        using var mute = await app.ConnectAsync(); // never sends a frame, so the close frame is written to the stream
        using var alive = await app.ConnectAsync();
        await silent.JoinAsync("room:a");
        // A client gets its 101 before the server starts the idle timeout of its connection.
        await meter.ReachAsync("phoenix.connections transport=websocket vsn=2.0.0", 3);

        time.Advance(TimeSpan.FromSeconds(50));
        await alive.AssertSilentAsync();
        time.Advance(TimeSpan.FromSeconds(15));

        Assert.Equal(1002, await silent.Frames.ReadCloseCodeAsync());
        Assert.Equal(1002, await mute.Frames.ReadCloseCodeAsync());
        await alive.AssertSilentAsync();
    }

    [Fact]
    public async Task Client_that_does_not_answer_the_close_is_cut_off()
    {
        var time = new FakeTimeProvider();
        await using var app = await PhoenixApp.StartAsync(time: time);
        using var client = await app.ConnectAsync();
        await client.JoinAsync("room:a");

        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(1002, await client.Frames.ReadCloseCodeAsync());
        time.Advance(TimeSpan.FromSeconds(5));

        Assert.True(await client.Frames.ReadEndAsync());
    }

    [Fact]
    public async Task Client_whose_connection_breaks_leaves_its_channels()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("room:a");

        client.Frames.Reset();

        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
        app.Endpoint.Broadcast("room:a", "news", default);
    }

    [Fact]
    public async Task Client_that_leaves_during_a_join_and_a_handler_ends_both_without_a_logged_error()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("room:a");
        await client.SendAsync("\"1\"", "\"2\"", "room:a", "wait", """{"gate":"never"}""");
        Assert.Equal("waiting room:a", app.State.NextEvent());
        await client.SendAsync("\"3\"", "\"3\"", "room:b", "phx_join", """{"wait":"never"}""");
        Assert.Equal("joining room:b", app.State.NextEvent());

        client.Frames.Reset();

        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
        app.Endpoint.Broadcast("room:b", "news", default);
    }

    // Found by the tests of the collections: a frame sent to a connection whose request had ended used to end the flush
    // thread.
    [Fact]
    public async Task Broadcasts_while_connections_break_reach_the_other_clients()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var honest = await app.ConnectAsync();
        await honest.JoinAsync("room:a");

        for (var round = 0; round < 50; round++)
        {
            var clients = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => app.ConnectAsync()));
            foreach (var client in clients)
            {
                await client.JoinAsync("room:a");
            }

            var broadcasting = Task.Run(() =>
            {
                for (var i = 0; i < 20; i++)
                {
                    app.Endpoint.Broadcast("room:a", "news", default);
                }
            });
            foreach (var client in clients)
            {
                client.Frames.Reset();
            }

            await broadcasting;
            for (var i = 0; i < 20; i++)
            {
                Assert.Equal("news", (await honest.ReceiveAsync()).Event);
            }
        }
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Shutdown_closes_every_socket_with_1012(bool useTls, bool usePhoenix)
    {
        // No time passes: the client's answer ends the connection, not a timeout.
        await using var app = await PhoenixApp.StartAsync(
            useTls: useTls, time: new FakeTimeProvider(), usePhoenix: usePhoenix);
        using var joined = await app.ConnectAsync();
        using var unjoined = await app.ConnectAsync(1);
        using var mute = await app.ConnectAsync();
        await joined.JoinAsync("room:a");
        await unjoined.AssertSilentAsync();

        var stopping = app.StopAsync();
        foreach (var client in new[] { joined, unjoined, mute })
        {
            Assert.Equal(1012, await client.Frames.ReadCloseCodeAsync());
            await client.Frames.SendFrameAsync(0x8, [3, 244]); // the client's answer, 1012
            Assert.True(await client.Frames.ReadEndAsync());
        }

        await stopping;
        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
    }
}
