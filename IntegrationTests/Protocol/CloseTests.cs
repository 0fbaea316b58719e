using System.Text;
using Kaffediem.IntegrationTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Protocol;

/// <summary>Close codes: spec/protocol.md section 5; RFC 6455; reference transcript W229-W264 and 2.13, 2.14.</summary>
public sealed class CloseTests
{
    [Theory]
    [InlineData(new byte[] { 3, 232 }, 1000)] // 1000
    [InlineData(new byte[] { 3, 233 }, 1000)] // 1001
    [InlineData(new byte[] { }, 1000)]
    [InlineData(new byte[] { 15, 160 }, 1000)] // 4000
    [InlineData(new byte[] { 3, 237 }, 1002)] // 1005 is reserved
    [InlineData(new byte[] { 3, 231 }, 1002)] // 999
    [InlineData(new byte[] { 3 }, 1002)]
    public async Task The_clients_close_is_answered_as_Bandit_does(byte[] payload, int code)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("room:a");

        await client.Frames.SendFrameAsync(0x8, payload);

        Assert.Equal(code, await client.Frames.ReadCloseCodeAsync());
        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
    }

    [Fact]
    public async Task After_the_closing_handshake_the_connection_ends()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();

        await client.Frames.SendFrameAsync(0x8, [3, 232]);

        Assert.Equal(1000, await client.Frames.ReadCloseCodeAsync());
        Assert.True(await client.Frames.ReadEndAsync());
    }

    [Theory]
    [InlineData("unmasked", 1002)]
    [InlineData("rsv", 1002)]
    [InlineData("opcode 3", 1002)]
    [InlineData("opcode 11", 1002)]
    [InlineData("continuation", 1002)]
    [InlineData("text in fragments", 1002)]
    [InlineData("long ping", 1002)]
    [InlineData("fragmented ping", 1002)]
    [InlineData("bad utf-8", 1007)]
    [InlineData("empty continuation", 1008)]
    public async Task A_broken_frame_closes_with_the_code_of_RFC_6455(string fault, int code)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        using var honest = await app.ConnectAsync();
        await client.JoinAsync("room:a");
        var text = Encoding.UTF8.GetBytes("""[null,"1","phoenix","heartbeat",{}]""");

        await (fault switch
        {
            "unmasked" => client.Frames.SendFrameAsync(0x1, text, isMasked: false),
            "rsv" => client.Frames.SendFrameAsync(0x1, text, reserved: 4),
            "opcode 3" => client.Frames.SendFrameAsync(0x3, text),
            "opcode 11" => client.Frames.SendFrameAsync(0xB, text),
            "continuation" => client.Frames.SendFrameAsync(0x0, text),
            "text in fragments" => client.Frames.SendRawAsync(
                [.. FrameClient.Frame(0x1, text, isFinal: false), .. FrameClient.Frame(0x1, text)]),
            "long ping" => client.Frames.SendFrameAsync(0x9, new byte[126]),
            "fragmented ping" => client.Frames.SendFrameAsync(0x9, [], isFinal: false),
            "bad utf-8" => client.Frames.SendFrameAsync(0x1, [(byte)'[', 0xFF, (byte)']']),
            _ => client.Frames.SendRawAsync(
                [.. FrameClient.Frame(0x1, text, isFinal: false), .. FrameClient.Frame(0x0, [], isFinal: false)]),
        });

        Assert.Equal(code, await client.Frames.ReadCloseCodeAsync());
        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
        await honest.AssertSilentAsync();
    }

    [Fact]
    public async Task Fragments_with_a_ping_between_make_one_message()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();

        await client.Frames.SendFrameAsync(0x1, [], isFinal: false); // W242: an empty first part is no flood
        await client.Frames.SendFrameAsync(0x0, Encoding.UTF8.GetBytes("""[null,"1","""), isFinal: false);
        await client.Frames.SendFrameAsync(0x9, [112]);
        await client.Frames.SendFrameAsync(0x0, Encoding.UTF8.GetBytes(""" "phoenix","heartbeat",{}]"""), isFinal: false);
        await client.Frames.SendFrameAsync(0x0, []);

        var pong = await client.Frames.ReadFrameAsync();
        Assert.Equal((0xA, 112), (pong!.Value.Opcode, pong.Value.Payload.Single()));
        Assert.Equal("ok", (await client.ReceiveAsync()).Status);
    }

    [Fact]
    public async Task A_frame_that_arrives_byte_by_byte_is_understood()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();

        foreach (var value in FrameClient.Frame(0x1, Encoding.UTF8.GetBytes("""[null,"1","phoenix","heartbeat",{}]""")))
        {
            await client.Frames.SendRawAsync([value]);
        }

        Assert.Equal("ok", (await client.ReceiveAsync()).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_that_is_too_long_closes_with_1009(bool inFragments)
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxMessageBytes = 10_000);
        using var client = await app.ConnectAsync();
        var fits = """[null,"1","phoenix","heartbeat",{"a":"#"}]""";
        fits = fits.Replace("#", new string('x', 10_001 - fits.Length), StringComparison.Ordinal);
        await client.Frames.SendTextAsync(fits);
        Assert.Equal("ok", (await client.ReceiveAsync()).Status);

        await client.Frames.SendFrameAsync(0x1, Encoding.UTF8.GetBytes(fits + (inFragments ? "" : " ")), isFinal: !inFragments);
        if (inFragments)
        {
            await client.Frames.SendFrameAsync(0x0, [(byte)' ']);
        }

        Assert.Equal(1009, await client.Frames.ReadCloseCodeAsync());
    }

    [Fact]
    public async Task A_client_that_falls_silent_is_closed_with_1002()
    {
        var time = new FakeTimeProvider();
        await using var app = await PhoenixApp.StartAsync(time: time);
        using var silent = await app.ConnectAsync();
        using var mute = await app.ConnectAsync(); // never says a word: the close takes the stream
        using var alive = await app.ConnectAsync();
        await silent.JoinAsync("room:a");

        time.Advance(TimeSpan.FromSeconds(50));
        await alive.AssertSilentAsync();
        time.Advance(TimeSpan.FromSeconds(15));

        Assert.Equal(1002, await silent.Frames.ReadCloseCodeAsync());
        Assert.Equal(1002, await mute.Frames.ReadCloseCodeAsync());
        await alive.AssertSilentAsync();
    }

    [Fact]
    public async Task A_client_that_does_not_answer_the_close_is_cut_off()
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
    public async Task A_client_whose_plug_is_pulled_leaves_its_channels()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("room:a");

        client.Frames.Reset();

        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
        app.Endpoint.Broadcast("room:a", "news", default);
    }

    [Fact]
    public async Task A_client_that_goes_during_a_join_or_a_handler_ends_both_without_a_sound()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("room:a");
        await client.SendAsync("\"1\"", "\"2\"", "room:a", "wait", """{"gate":"never"}""");
        Assert.Equal("waiting room:a", app.State.NextEvent());
        await client.SendAsync("\"3\"", "\"3\"", "room:b", "phx_join", """{"wait":"never"}""");
        Assert.Equal("joining room:b", app.State.NextEvent());

        client.Frames.Reset();

        Assert.Equal("terminated room:a: Crashed", app.State.NextEvent());
        app.Endpoint.Broadcast("room:b", "news", default);
    }

    // Found by the tests of the collections: a frame sent to a connection whose request was over ended the flush thread.
    [Fact]
    public async Task Broadcasting_while_plugs_are_pulled_harms_nobody_else()
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
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_shutdown_closes_every_socket_with_1012(bool useTls)
    {
        // No time passes: it is the client's answer that ends the connection, not a timeout.
        await using var app = await PhoenixApp.StartAsync(useTls: useTls, time: new FakeTimeProvider());
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
