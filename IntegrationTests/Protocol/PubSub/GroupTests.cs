using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Protocol.PubSub;

/// <summary>Clients of one topic that get different payloads of one broadcast, and snapshots after the join.</summary>
public sealed class GroupTests
{
    [Theory]
    [EachWire]
    public async Task Every_group_gets_its_own_payload_or_none_and_each_is_requested_once(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var red = await JoinAsync(app, wire, """{"group":"red"}""");
        using var otherRed = await JoinAsync(app, wire, """{"group":"red"}""");
        using var blue = await JoinAsync(app, wire, """{"group":"blue"}""");
        using var none = await JoinAsync(app, wire, "{}");
        var asked = new List<object?>();

        app.Endpoint.BroadcastPerGroup("group:a", "news", 1, group =>
        {
            asked.Add(group);
            return group is "blue" ? null : Payload.FromJson($$"""{"for":"{{group}}"}""");
        });
        app.Endpoint.Broadcast("group:a", "news", Payload.FromJson("""{"for":"all"}"""));

        Assert.Equal(["blue", "none", "red"], asked.Select(group => group ?? "none").Order());
        Assert.Equal(["red", "all"], await ReadAsync(red, 2));
        Assert.Equal(["red", "all"], await ReadAsync(otherRed, 2));
        Assert.Equal(["", "all"], await ReadAsync(none, 2));
        Assert.Equal(["all"], await ReadAsync(blue, 1));
    }

    [Fact]
    public async Task Payload_of_a_group_whose_last_client_has_left_is_not_requested()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var red = await JoinAsync(app, Wire.V2WebSocket, """{"group":"red"}""");
        using var blue = await JoinAsync(app, Wire.V2WebSocket, """{"group":"blue"}""");
        await red.SendAsync("\"1\"", "\"2\"", "group:a", "phx_leave");
        await red.ReceiveAsync();
        var asked = new List<object?>();

        app.Endpoint.BroadcastPerGroup("group:a", "news", 1, group =>
        {
            asked.Add(group);
            return null;
        });

        Assert.Equal(["blue"], asked);
        await blue.AssertSilentAsync();
    }

    [Fact]
    public async Task Payload_that_is_not_an_object_is_not_sent()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var red = await JoinAsync(app, Wire.V2WebSocket, """{"group":"red"}""");
        using var blue = await JoinAsync(app, Wire.V2WebSocket, """{"group":"blue"}""");

        Assert.Throws<ArgumentException>(() => app.Endpoint.BroadcastPerGroup(
            "group:a", "news", 1, group => Payload.FromJson(group is "blue" ? "[]" : "{}")));

        await red.AssertSilentAsync();
        await blue.AssertSilentAsync();
    }

    [Theory]
    [EachWire]
    public async Task New_snapshot_is_followed_by_exactly_the_broadcasts_after_it(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await JoinAsync(app, wire, "{}");
        Announce(app, 1, 2);

        await client.SendAsync("\"1\"", "\"2\"", "group:a", "snapshot", """{"wait":"g","position":4}""");
        Assert.Equal("holding", app.State.NextEvent());
        Announce(app, 3, 4, 5);
        app.State.Open("g");

        Assert.Equal(["1", "2"], await ReadAsync(client, 2));
        Assert.Equal(4, (int?)(await client.ReceiveAsync()).Response?["position"]);
        Assert.Equal(["5"], await ReadAsync(client, 1));
        Announce(app, 4, 6);
        Assert.Equal(["6"], await ReadAsync(client, 1));
    }

    [Theory]
    [EachWire]
    public async Task Events_broadcast_together_arrive_unchanged_and_in_order(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var red = await JoinAsync(app, wire, """{"group":"red"}""");
        using var blue = await JoinAsync(app, wire, """{"group":"blue"}""");

        // Blue gets the even events; a payload that both groups get is the same piece of memory.
        var even = new[] { 2L, 4 };
        AnnounceTogether(app, group => group is "red" ? [1, 2, 3, 4] : even, 1, 2, 3, 4);
        AnnounceTogether(app, _ => [5, 6], 5, 6);

        Assert.Equal(["1", "2", "3", "4", "5", "6"], await ReadAsync(red, 6));
        Assert.Equal(["2", "4", "5", "6"], await ReadAsync(blue, 4));
    }

    [Theory]
    [EachWire]
    public async Task Snapshot_is_followed_by_exactly_the_later_ones_of_events_broadcast_together(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await JoinAsync(app, wire, "{}");

        await client.SendAsync("\"1\"", "\"2\"", "group:a", "snapshot", """{"wait":"g","position":4}""");
        Assert.Equal("holding", app.State.NextEvent());
        AnnounceTogether(app, _ => [1, 2, 3], 1, 2, 3);
        app.State.Open("g");
        Assert.Equal(4, (int?)(await client.ReceiveAsync()).Response?["position"]);
        AnnounceTogether(app, _ => [3, 4, 5, 6], 3, 4, 5, 6);
        AnnounceTogether(app, _ => [7, 8], 7, 8);

        Assert.Equal(["5", "6", "7", "8"], await ReadAsync(client, 4));
    }

    [Fact]
    public async Task Malformed_payload_prevents_all_events_broadcast_together()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await JoinAsync(app, Wire.V2WebSocket, "{}");

        Assert.Throws<ArgumentException>(() => app.Endpoint.BroadcastAll(
            "group:a",
            "news",
            [
                new GroupedPayload(1, _ => Payload.FromJson("{}")),
                new GroupedPayload(2, _ => Payload.FromJson("[]")),
            ]));

        await client.AssertSilentAsync();
    }

    [Fact]
    public async Task Events_held_for_an_answer_without_a_snapshot_are_sent()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await JoinAsync(app, Wire.V2WebSocket, "{}");

        await client.SendAsync("\"1\"", "\"2\"", "group:a", "refuse", """{"wait":"g"}""");
        Assert.Equal("holding", app.State.NextEvent());
        Announce(app, 1);
        app.State.Open("g");

        Assert.Equal("error", (await client.ReceiveAsync()).Status);
        Assert.Equal(["1"], await ReadAsync(client, 1));
    }

    [Fact]
    public async Task Crash_while_holding_ends_the_channel_and_no_message_follows()
    {
        await using var app = await PhoenixApp.StartAsync();
        app.Logs.Expect("crashed");
        using var client = await JoinAsync(app, Wire.V2WebSocket, "{}");

        await client.SendAsync("\"1\"", "\"2\"", "group:a", "crash", """{"wait":"g"}""");
        Assert.Equal("holding", app.State.NextEvent());
        Announce(app, 1);
        app.State.Open("g");

        Assert.Equal("phx_error", (await client.ReceiveAsync()).Event);
        await client.AssertSilentAsync();
    }

    private static async Task<WireClient> JoinAsync(PhoenixApp app, Wire wire, string payload)
    {
        var client = await app.ConnectAsync(wire);
        Assert.Equal("ok", (await client.JoinAsync("group:a", payload: payload)).Status);
        return client;
    }

    private static void Announce(PhoenixApp app, params int[] positions)
    {
        foreach (var position in positions)
        {
            app.Endpoint.Broadcast("group:a", "news", Payload.FromJson($$"""{"for":"{{position}}"}"""), position);
        }
    }

    private static void AnnounceTogether(PhoenixApp app, Func<object?, long[]> seenBy, params long[] positions)
    {
        var payloads = positions.ToDictionary(
            position => position, position => Payload.FromJson($$"""{"for":"{{position}}"}"""));
        app.Endpoint.BroadcastAll("group:a", "news", [.. positions.Select(position => new GroupedPayload(
            position, group => seenBy(group).Contains(position) ? payloads[position] : null))]);
    }

    private static async Task<List<string?>> ReadAsync(WireClient client, int count)
    {
        var read = new List<string?>();
        for (var i = 0; i < count; i++)
        {
            read.Add((string?)(await client.ReceiveAsync()).Payload?["for"]);
        }

        return read;
    }
}

/// <summary>
/// Joins the group in its params. <c>snapshot</c> holds broadcasts until the gate <c>wait</c> opens, and then replies
/// with the snapshot at <c>position</c>.
/// </summary>
internal sealed class GroupChannel(TestState state) : Channel
{
    protected override Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken)
    {
        Group = payload.ToElement().TryGetProperty("group", out var group) ? group.GetString() : null;
        return Task.FromResult(JoinResult.Ok());
    }

    protected override async Task<PushResult> HandleInAsync(
        string @event, Payload payload, CancellationToken cancellationToken)
    {
        var parameters = payload.ToElement();
        HoldBroadcasts();
        state.Events.Add("holding", CancellationToken.None);
        await state.WaitAsync(parameters.GetProperty("wait").GetString()!, cancellationToken);
        return @event == "snapshot" ? PushResult.Ok(payload, parameters.GetProperty("position").GetInt64())
            : @event == "refuse" ? PushResult.Error(payload)
            : throw new InvalidOperationException("secret");
    }
}
