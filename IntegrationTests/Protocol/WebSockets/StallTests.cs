using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Protocol.WebSockets;

/// <summary>
/// A client that does not read is cut off after <see cref="PhoenixOptions.StallTimeout"/>: over the plain socket, over
/// the stream where TLS ends in Kestrel, and over long-poll. A client that reads slowly is not.
/// </summary>
public sealed class StallTests
{
    private const int Frames = 400;
    private const int FrameBytes = 80_000; // 32 MB in all: far more than the kernel buffers

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Client_that_does_not_read_for_10_s_is_closed_although_its_outbox_has_room(bool useTls)
    {
        var time = new FakeTimeProvider();
        await using var app = await StartAsync(useTls, time);
        using var meter = new MeterReader(app);
        using var stalled = await app.ConnectAsync();
        using var reader = await app.ConnectAsync();
        await stalled.JoinAsync("room:a");
        await reader.JoinAsync("room:b");
        BroadcastAll(app);
        await app.Endpoint.FlushAsync(CancellationToken.None);
        await Polling.UntilAtRestAsync(() => meter.Observe("phoenix.outbox.bytes") + stalled.Frames.Available);

        // The server checks once a second, and the kernel may accept a few bytes late.
        var elapsed = await time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => meter["phoenix.closes"].Count > 0);
        Assert.InRange(elapsed, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(15));
        Assert.Equal("code=1013 reason=stalled", meter["phoenix.closes"].Keys.Single());

        // The channel ends at once. The connection ends later, because the client does not read the close frame either.
        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
        await time.AdvanceUntilAsync(
            TimeSpan.FromSeconds(1), meter.ReachAsync("phoenix.connections transport=websocket vsn=2.0.0", 1));
        await reader.AssertSilentAsync();
        Assert.Equal(0, meter.Observe("phoenix.outbox.bytes"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Client_that_resumes_after_a_stall_reads_whole_frames_and_then_1013(bool useTls)
    {
        var time = new FakeTimeProvider();
        await using var app = await StartAsync(useTls, time);
        using var meter = new MeterReader(app);
        using var client = await app.ConnectAsync();
        await client.JoinAsync("room:a");
        BroadcastAll(app);
        await time.AdvanceUntilAsync(
            TimeSpan.FromSeconds(1), meter.ReachAsync("phoenix.closes code=1013 reason=stalled", 1));

        var next = 0;
        var frame = await client.Frames.ReadFrameAsync();
        for (; frame!.Value.Opcode == 1; frame = await client.Frames.ReadFrameAsync())
        {
            Assert.Equal(next++, Number(frame.Value.Payload));
        }

        Assert.Equal([3, 245], frame.Value.Payload); // 1013
        Assert.InRange(next, 1, Frames - 1);
    }

    // 320 kB in 6 s: less than the kernel usually waits for before it reports that a full buffer has room again.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Slow_but_steady_reader_gets_everything(bool useTls)
    {
        var time = new FakeTimeProvider();
        await using var app = await StartAsync(useTls, time);
        using var meter = new MeterReader(app);
        using var client = await app.ConnectAsync();
        client.Frames.ReceiveBufferSize = 64 * 1024;
        await client.JoinAsync("room:a");
        BroadcastAll(app);

        for (var next = 0; next < Frames; next += 4)
        {
            time.Advance(TimeSpan.FromSeconds(6));
            var waiting = meter.Observe("phoenix.outbox.bytes");
            for (var i = next; i < next + 4; i++)
            {
                Assert.Equal(i, Number((await client.Frames.ReadFrameAsync())!.Value.Payload));
            }

            await Polling.UntilAsync(() => waiting == 0 || meter.Observe("phoenix.outbox.bytes") < waiting);
        }

        Assert.Empty(meter["phoenix.closes"]);
        await client.AssertSilentAsync();
    }

    // A snapshot is one frame, however long: the timeout is for progress, not for whole frames.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Slow_but_steady_reader_of_one_long_frame_gets_it_whole(bool useTls)
    {
        // Far more than is in transit at any time: the server has sent several slices of the frame.
        const int Steadily = 1_000_000;
        const int Length = 12 * Steadily;
        var time = new FakeTimeProvider();
        await using var app = await StartAsync(useTls, time);
        using var meter = new MeterReader(app);
        using var client = await app.ConnectAsync();
        client.Frames.ReceiveBufferSize = 64 * 1024;
        await client.JoinAsync("room:a");
        var text = string.Concat(
            Enumerable.Range(0, Length / 8).Select(n => n.ToString("D8", CultureInfo.InvariantCulture)));
        app.Endpoint.Broadcast("room:a", "news", Payload.FromJson(Encoding.UTF8.GetBytes($$"""{"text":"{{text}}"}""")));

        var frame = Framing.FromServer(
            Framing.Text, Encoding.UTF8.GetBytes($$"""[null,null,"room:a","news",{"text":"{{text}}"}]"""));
        for (var read = 0; read < frame.Length; read += Steadily)
        {
            time.Advance(TimeSpan.FromSeconds(6));
            var expected = frame.AsMemory(read, Math.Min(Steadily, frame.Length - read));
            var bytes = await client.Frames.ReadBytesAsync(expected.Length);
            Assert.True(expected.Span.SequenceEqual(bytes), $"wrong bytes after {read}");
        }

        Assert.Empty(meter["phoenix.closes"]);
        await client.AssertSilentAsync();
    }

    // Kestrel alone would accept 240 bytes a second: a day and a half for this answer.
    [Fact]
    public async Task Long_poll_client_that_does_not_read_its_answer_is_cut_off_after_the_stall_timeout()
    {
        var timeout = TimeSpan.FromSeconds(7); // unlike that of any other timer
        var time = new WatchedTime();
        await using var app = await StartAsync(useTls: false, time, timeout);
        using var meter = new MeterReader(app);
        using var polls = await LongPollClient.OpenAsync(app.Address);
        await polls.PostAsync("""["1","1","room:a","phx_join",{}]""");
        BroadcastAll(app);
        var blocked = time.NextTimerAsync(timeout);
        using var stalled = await RawRequest.SendAsync(
            app.Address, $"GET /socket/longpoll?vsn=2.0.0&token={Uri.EscapeDataString(polls.Token!)}", "", "");
        await blocked;
        await Polling.UntilAtRestAsync(() => stalled.Available);

        time.Advance(timeout - TimeSpan.FromMilliseconds(1));
        Assert.Empty(meter["phoenix.closes"]);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await stalled.IsCutOffAsync();
        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
        await meter.ReachAsync("phoenix.connections transport=longpoll vsn=2.0.0", 0);
        Assert.Equal("code=1013 reason=stalled", meter["phoenix.closes"].Keys.Single());
        Assert.Equal(410, (await polls.PollAsync()).Status);
        Assert.Equal(0, meter.Observe("phoenix.outbox.bytes"));
    }

    [Fact]
    public async Task Slow_but_steady_reader_of_a_long_poll_answer_gets_it_whole()
    {
        const int Steadily = 400_000; // more than is in transit at any time
        var time = new FakeTimeProvider();
        await using var app = await StartAsync(useTls: false, time);
        using var meter = new MeterReader(app);
        using var polls = await LongPollClient.OpenAsync(app.Address);
        await polls.PostAsync("""["1","1","room:a","phx_join",{}]""");
        BroadcastAll(app);
        using var tcp = new TcpClient { ReceiveBufferSize = 64 * 1024 };
        await tcp.ConnectAsync(app.Address.Host, app.Address.Port);
        await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"GET /socket/longpoll?vsn=2.0.0&token={Uri.EscapeDataString(polls.Token!)} HTTP/1.1\r\n"
                + "Host: a\r\nConnection: close\r\n\r\n"));

        var (buffer, read, total) = (new byte[Steadily], 0, 0);
        do
        {
            time.Advance(TimeSpan.FromSeconds(6));
            read = await tcp.GetStream().ReadAtLeastAsync(buffer, Steadily, throwOnEndOfStream: false);
            total += read;
        }
        while (read == Steadily);

        Assert.True(total > Frames * FrameBytes, $"{total} bytes");
        Assert.Empty(meter["phoenix.closes"]); // although it has not polled for minutes
        Assert.Equal(200, (await polls.PostAsync("""[null,"2","phoenix","heartbeat",{}]""")).Status);
    }

    private static Task<PhoenixApp> StartAsync(bool useTls, TimeProvider time, TimeSpan? stallTimeout = null) =>
        PhoenixApp.StartAsync(
            options =>
            {
                options.StallTimeout = stallTimeout ?? options.StallTimeout;
                options.MaxOutboxBytes = 64 * 1024 * 1024;
                options.IdleTimeout = TimeSpan.FromDays(1);
            },
            useTls,
            time);

    private static void BroadcastAll(PhoenixApp app)
    {
        for (var i = 0; i < Frames; i++)
        {
            var payload = $$"""{"n":{{i}},"text":"{{new string('x', FrameBytes)}}"}""";
            app.Endpoint.Broadcast("room:a", "news", Payload.FromJson(Encoding.UTF8.GetBytes(payload)));
        }
    }

    private static int Number(byte[] frame) => (int)System.Text.Json.Nodes.JsonNode.Parse(frame)![4]!["n"]!;
}
