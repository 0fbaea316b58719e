using Kaffediem.IntegrationTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Protocol;

/// <summary>How many bytes of replies a client may ask for.</summary>
public sealed class ReplyBytesTests
{
    private const int Burst = 100_000;

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
                options.LongPollWindow = TimeSpan.FromHours(1); // no session is to end while time is advanced
            },
            time: time);
        using var client = await app.ConnectAsync(wire);

        // The fourth is begun with what is left of the burst, and is as long as the others.
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("ok", (await client.JoinAsync($"room:{i}", payload: LongReply)).Status);
        }

        var refused = await client.JoinAsync("room:4", payload: LongReply);
        await client.SendAsync(null, "\"7\"", "phoenix", "heartbeat");
        var heartbeat = await client.ReceiveAsync();
        time.Advance(TimeSpan.FromSeconds(30)); // more than it owes

        Assert.Equal(("error", "too many bytes asked for: try again later"), (refused.Status, refused.Reason));
        Assert.Equal("ok", heartbeat.Status);
        Assert.Equal("ok", (await client.JoinAsync("room:4", payload: LongReply)).Status);
    }

    // All requests come before the first reply is made.
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
}
