using System.Net.WebSockets;
using System.Text;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Protocol.WebSockets;

/// <summary>
/// The two send paths (docs/design.md, "Sending"): directly to the plain socket, and through the stream where TLS ends
/// in Kestrel. The first one is also tested without <c>UsePhoenix</c>, where the request lasts as long as the socket.
/// </summary>
public sealed class SendPathTests
{
    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Frames_of_all_kinds_arrive_whole_and_in_order(bool useTls, bool usePhoenix)
    {
        await using var app = await PhoenixApp.StartAsync(
            options => options.MaxOutboxBytes = 64 * 1024 * 1024, useTls, usePhoenix: usePhoenix);
        using var client = await app.ConnectAsync();
        await client.JoinAsync("room:a");

        for (var i = 0; i < 300; i++)
        {
            app.Endpoint.Broadcast("room:a", "news", Numbered(i, i * 97 % 20_000));
            if (i % 10 == 0)
            {
                await client.SendAsync("\"1\"", $"{i}", "room:a", "ok");
                await client.Frames.SendFrameAsync(0x9, [(byte)i]);
            }
        }

        var (next, replies, pongs) = (0, 0, 0);
        while (next < 300 || replies < 30 || pongs < 30)
        {
            var (opcode, payload) = (await client.Frames.ReadFrameAsync())!.Value;
            var message = opcode == 0xA ? null : System.Text.Json.Nodes.JsonNode.Parse(payload);
            if (message is null)
            {
                Assert.Equal((byte)(pongs++ * 10), payload.Single());
            }
            else if ((string?)message[3] == "news")
            {
                Assert.Equal(next++, (int)message[4]!["n"]!);
            }
            else
            {
                Assert.Equal(replies++ * 10, (int)message[1]!);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Late_reader_gets_everything_that_fits_its_outbox(bool useTls)
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxOutboxBytes = 64 * 1024 * 1024, useTls);
        using var client = await app.ConnectAsync();
        await client.JoinAsync("room:a");

        // 32 MB: far more than the kernel buffers, so the sending stops and resumes many times.
        for (var i = 0; i < 400; i++)
        {
            app.Endpoint.Broadcast("room:a", "news", Numbered(i, 80_000));
        }

        for (var i = 0; i < 400; i++)
        {
            Assert.Equal(i, (int)(await client.ReceiveAsync()).Payload!["n"]!);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Client_that_stops_reading_is_cut_off_without_effect_on_others(bool useTls)
    {
        var time = new FakeTimeProvider();
        await using var app = await PhoenixApp.StartAsync(useTls: useTls, time: time);
        using var stalled = await app.ConnectAsync();
        using var reader = await app.ConnectAsync();
        await stalled.JoinAsync("room:a");
        await reader.JoinAsync("room:a");

        for (var i = 0; i < 400; i++)
        {
            app.Endpoint.Broadcast("room:a", "news", Numbered(i, 80_000));
            Assert.Equal(i, (int)(await reader.ReceiveAsync()).Payload!["n"]!);
        }

        // The client never answers the close: after the close timeout the connection and its channels end.
        Assert.Equal("terminated room:a: Closed", await NextEventAsync(app, time));
        await reader.AssertSilentAsync();
    }

    [Fact]
    public async Task Slow_client_reads_whole_frames_and_then_a_close_that_lets_it_reconnect()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("room:a");

        for (var i = 0; i < 400; i++)
        {
            app.Endpoint.Broadcast("room:a", "news", Numbered(i, 80_000));
            await app.Endpoint.FlushAsync(CancellationToken.None);
        }

        var next = 0;
        var frame = await client.Frames.ReadFrameAsync();
        for (; frame!.Value.Opcode == 1; frame = await client.Frames.ReadFrameAsync())
        {
            Assert.Equal(next++, (int)System.Text.Json.Nodes.JsonNode.Parse(frame.Value.Payload)![4]!["n"]!);
        }

        Assert.Equal([3, 245], frame.Value.Payload); // 1013
        Assert.InRange(next, 1, 399);
    }

    // 100 kB: four times the outbox, and few enough for the kernel's buffers however busy the machine keeps the reader.
    [Fact]
    public async Task Reading_client_is_never_too_slow_for_a_source_that_awaits_the_flush()
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxOutboxBytes = 25_000);
        using var client = await app.ConnectAsync();
        await client.JoinAsync("room:a");
        var reading = Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                Assert.Equal(i, (int)(await client.ReceiveAsync()).Payload!["n"]!);
            }
        });

        for (var i = 0; i < 100; i++)
        {
            app.Endpoint.Broadcast("room:a", "news", Numbered(i, 1000));
            if (i % 10 == 9)
            {
                await app.Endpoint.FlushAsync(CancellationToken.None);
            }
        }

        await reading;
    }

    [Fact]
    public async Task Reply_longer_than_the_outbox_still_arrives()
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxOutboxBytes = 1000);
        using var client = await app.ConnectAsync();

        var reply = await client.JoinAsync(
            "room:a", payload: $$$"""{"reply":{"text":"{{{new string('x', 50_000)}}}"}}""");

        Assert.Equal(50_000, ((string?)reply.Response?["text"])?.Length);
    }

    // Found in review: replies longer than the outbox, with broadcasts beside them, used to cut the client off forever.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Long_replies_leave_room_for_each_other_and_for_broadcasts(bool useTls)
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxOutboxBytes = 60_000, useTls);
        using var client = await app.ConnectAsync();
        var text = new string('x', 50_000);

        for (var i = 0; i < 10; i++)
        {
            await client.SendAsync(
                $"{i}", $"{i}", $"room:{i}", "phx_join", $$$"""{"wait":"g","reply":{"text":"{{{text}}}"}}""");
        }

        for (var i = 0; i < 10; i++)
        {
            Assert.StartsWith("joining room:", app.State.NextEvent(), StringComparison.Ordinal);
        }

        app.State.Open("g");
        for (var i = 0; i < 20; i++)
        {
            app.Endpoint.Broadcast("room:0", "news", Numbered(i, 1000));
        }

        var (replies, next) = (0, 0);
        while (replies < 10 || next < 20)
        {
            var message = await client.ReceiveAsync();
            if (message.Event == "news")
            {
                Assert.Equal(next++, (int)message.Payload!["n"]!);
            }
            else
            {
                Assert.Equal(50_000, ((string?)message.Response?["text"])?.Length);
                replies++;
            }
        }
    }

    [Fact]
    public async Task WebSocket_over_HTTP_2_is_served_through_the_stream()
    {
        await using var app = await PhoenixApp.StartAsync(useTls: true);
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback =
            (_, offered, _, _) => offered?.Subject == "CN=localhost";
        using var http = new HttpMessageInvoker(handler);
        using var client = new ClientWebSocket();
        client.Options.HttpVersion = System.Net.HttpVersion.Version20;
        client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        var uri = new UriBuilder(app.Address) { Scheme = "wss", Path = "/socket/websocket", Query = "vsn=2.0.0" }.Uri;

        await client.ConnectAsync(uri, http, CancellationToken.None);
        await client.SendAsync(
            Encoding.UTF8.GetBytes("""["1","1","room:a","phx_join",{}]"""), WebSocketMessageType.Text, true, default);
        var buffer = new byte[1000];
        var received = await client.ReceiveAsync(buffer, CancellationToken.None);

        Assert.Equal(
            """["1","1","room:a","phx_reply",{"status":"ok","response":{}}]""",
            Encoding.UTF8.GetString(buffer, 0, received.Count));
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }

    // The close timeout starts only when the outbox overflows, at a moment that only the server knows.
    private static async Task<string> NextEventAsync(PhoenixApp app, FakeTimeProvider time)
    {
        var next = Task.Run(app.State.NextEvent);
        await time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), next);
        return await next;
    }

    private static Payload Numbered(int n, int length) =>
        Payload.FromJson(Encoding.UTF8.GetBytes($$"""{"n":{{n}},"text":"{{new string('x', length)}}"}"""));
}
