using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol.PubSub;

/// <summary>The presence diffs that a join holds back.</summary>
public sealed class PresenceHoldTests
{
    private const string Topic = "presence:a";

    // The outbox has room for two of these, but not for three.
    private static readonly string LongMeta = $$"""{"text":"{{new string('x', 40_000)}}"}""";

    [Theory]
    [EachWire]
    public async Task Diffs_that_a_state_has_replaced_free_their_room_for_later_ones(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxOutboxBytes = 100_000);
        using var other = await app.ConnectAsync();
        await other.JoinAsync(Topic, payload: """{"state":"none"}""");
        using var joining = await app.ConnectAsync(wire);
        await joining.SendAsync(
            "\"1\"", "\"1\"", Topic, "phx_join", """{"state":"last","before":"the state","after":"the reply"}""");
        Assert.Equal("waiting for the state", app.State.NextEvent());
        await ChangeAsync(other, "track", "first");
        await ChangeAsync(other, "untrack", "first");

        app.State.Open("the state");
        Assert.Equal("waiting for the reply", app.State.NextEvent());
        await ChangeAsync(other, "track", "second");
        app.State.Open("the reply");

        Assert.Equal("ok", (await joining.ReceiveAsync()).Status);
        Assert.Equal("presence_state", (await joining.ReceiveAsync()).Event);
        Assert.NotNull((await joining.ReceiveAsync()).Payload?["joins"]?["second"]);
        await joining.AssertSilentAsync();
    }

    private static async Task ChangeAsync(WireClient client, string @event, string key)
    {
        await client.SendAsync("\"1\"", "\"2\"", Topic, @event, $$"""{"key":"{{key}}","meta":{{LongMeta}}}""");
        Assert.Equal("presence_diff", (await client.ReceiveAsync()).Event);
        Assert.Equal("ok", (await client.ReceiveAsync()).Status);
    }
}
