using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Protocol.Limits;

/// <summary>
/// The replies that wait for a client may have 16 times as many bytes as the broadcasts
/// (<see cref="PhoenixOptions.MaxOutboxBytes"/>). A client that keeps asking without reading the answers is closed with
/// 1013.
/// </summary>
public sealed class ReplyLimitTests
{
    private const int MaxOutboxBytes = 10_000;
    private const int MaxReplyBytes = 16 * MaxOutboxBytes;

    // 20 MB in all: far more than the kernel buffers.
    private const int Pushes = 400;

    private static readonly string LongPayload = $$"""{"text":"{{new string('x', 50_000)}}"}""";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Client_that_reads_no_replies_is_closed_with_1013(bool useTls)
    {
        await using var app = await StartAsync(useTls);
        using var meter = new MeterReader(app);
        using var client = await app.ConnectAsync();
        client.Frames.ReceiveBufferSize = 64 * 1024;
        await client.JoinAsync("room:a");

        for (var i = 0; i < Pushes && meter["phoenix.closes"].Count == 0; i++)
        {
            await client.SendAsync("\"1\"", $"\"{i}\"", "room:a", "echo", LongPayload);
            Assert.InRange(meter.Observe("phoenix.outbox.bytes"), 0, MaxReplyBytes);
        }

        await meter.ReachAsync("phoenix.closes code=1013 reason=outbox full", 1);
        Assert.Equal(1013, await client.Frames.ReadCloseCodeAsync());
    }

    [Fact]
    public async Task Long_poll_session_whose_client_polls_for_no_replies_ends()
    {
        await using var app = await StartAsync();
        using var meter = new MeterReader(app);
        using var client = await LongPollClient.OpenAsync(app.Address);
        await client.PostAsync("""["1","1","room:a","phx_join",{}]""");

        var (accepted, status) = (0, 200);
        for (; accepted < Pushes && status == 200; accepted++)
        {
            status = (await client.PostAsync($"""["1","2","room:a","echo",{LongPayload}]""")).Status;
            Assert.InRange(meter.Observe("phoenix.outbox.bytes"), 0, MaxReplyBytes);
        }

        Assert.Equal(410, status);
        await meter.ReachAsync("phoenix.closes code=1013 reason=outbox full", 1);
        Assert.Equal(410, (await client.PollAsync()).Status);
    }

    private static Task<PhoenixApp> StartAsync(bool useTls = false) => PhoenixApp.StartAsync(
        options =>
        {
            options.MaxOutboxBytes = MaxOutboxBytes;
            options.MaxMessageBurst = 2 * Pushes;
        },
        useTls,
        new FakeTimeProvider());
}
