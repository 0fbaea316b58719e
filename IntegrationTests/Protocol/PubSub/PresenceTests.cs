using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Protocol.PubSub;

/// <summary>
/// Presence: docs/protocol.md, "Presence"; phoenix@167c469 <c>presence_test.exs</c>, <c>presence.js</c>.
/// </summary>
public sealed class PresenceTests
{
    private const string Ann = """{"key":"ann","meta":{"device":"desk"}}""";

    [Theory]
    [EachWire]
    public async Task State_follows_the_reply_and_the_diffs_follow_the_state(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var ann = await app.ConnectAsync(wire);
        using var bob = await app.ConnectAsync(wire);

        Assert.Equal("ok", (await ann.JoinAsync("presence:a", payload: Ann)).Status);
        var state = await ann.ReceiveAsync();
        Assert.Equal(("presence_state", "{}"), (state.Event, state.Payload?.ToJsonString()));
        // Without the join_ref, phoenix.js would queue the diffs forever.
        Assert.Equal(wire.Version == 2 ? "\"1\"" : null, state.JoinRef?.ToJsonString());
        var diff = await ann.ReceiveAsync();
        var annRef = (string?)diff.Payload?["joins"]?["ann"]?["metas"]?[0]?["phx_ref"];
        Assert.Equal(("presence_diff", null, null), (diff.Event, diff.JoinRef, diff.Ref));
        Assert.Equal(
            $$$$"""{"joins":{"ann":{"metas":[{"device":"desk","phx_ref":"{{{{annRef}}}}"}]}},"leaves":{}}""",
            diff.Payload?.ToJsonString());

        Assert.Equal("ok", (await bob.JoinAsync("presence:a", payload: """{"key":"bob"}""")).Status);
        state = await bob.ReceiveAsync();
        Assert.Equal("presence_state", state.Event);
        Assert.Equal(
            $$$$"""{"ann":{"metas":[{"device":"desk","phx_ref":"{{{{annRef}}}}"}]}}""", state.Payload?.ToJsonString());
        foreach (var client in new[] { ann, bob })
        {
            diff = await client.ReceiveAsync();
            Assert.Equal("bob", Assert.Single(diff.Payload!["joins"]!.AsObject()).Key);
            Assert.Empty(diff.Payload["leaves"]!.AsObject());
        }
    }

    [Fact]
    public async Task Diff_of_a_presence_that_the_state_contains_is_not_sent()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();

        await client.JoinAsync("presence:a", payload: """{"key":"ann","state":"last"}""");

        Assert.Equal("ann", Assert.Single((await client.ReceiveAsync()).Payload!.AsObject()).Key);
        await client.AssertSilentAsync();
    }

    [Fact]
    public async Task Update_is_one_diff_with_the_old_and_the_new_meta()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        var oldRef = await JoinAsAnnAsync(client);

        var (newRef, diff) = await SendAsync(
            client, "update", """{"key":"ann","meta":{"device":"phone","phx_ref":"mine"}}""");

        Assert.Equal(
            """
            {"joins":{"ann":{"metas":[{"device":"phone","phx_ref":"NEW","phx_ref_prev":"OLD"}]}},
            "leaves":{"ann":{"metas":[{"device":"desk","phx_ref":"OLD"}]}}}
            """.ReplaceLineEndings(""),
            diff.ToJsonString().Replace(newRef, "NEW", StringComparison.Ordinal)
                .Replace(oldRef, "OLD", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Update_may_be_computed_from_the_old_meta()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        var refs = new List<string> { await JoinAsAnnAsync(client) };

        for (var i = 0; i < 3; i++)
        {
            refs.Add((await SendAsync(client, "count", """{"key":"ann"}""")).PhxRef);
        }

        var meta = Assert.Single(app.Presence.List("presence:a")["ann"]);
        Assert.Equal(
            $$"""{"device":"desk","count":3,"phx_ref":"{{refs[3]}}","phx_ref_prev":"{{refs[2]}}"}""",
            meta.ToJsonString());
        Assert.Equal(4, refs.Distinct().Count());
    }

    [Fact]
    public async Task Two_tabs_are_two_metas_that_leave_separately()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var desk = await app.ConnectAsync();
        using var phone = await app.ConnectAsync();
        var deskRef = await JoinAsAnnAsync(desk);
        await phone.JoinAsync("presence:a", payload: Ann);
        await phone.ReceiveAsync();
        var phoneRef = (string?)(await desk.ReceiveAsync()).Payload?["joins"]?["ann"]?["metas"]?[0]?["phx_ref"];
        Assert.Equal(
            [deskRef, phoneRef], app.Presence.List("presence:a")["ann"].Select(meta => (string?)meta["phx_ref"]));

        phone.Frames.Reset();
        var diff = await desk.ReceiveAsync();

        Assert.Equal(
            phoneRef, (string?)Assert.Single(diff.Payload!["leaves"]!["ann"]!["metas"]!.AsArray())?["phx_ref"]);
        Assert.Equal(deskRef, (string?)Assert.Single(app.Presence.List("presence:a")["ann"])["phx_ref"]);
    }

    [Fact]
    public async Task Presence_of_a_killed_client_leaves_after_one_idle_timeout()
    {
        var time = new FakeTimeProvider();
        await using var app = await PhoenixApp.StartAsync(time: time);
        using var watcher = await app.ConnectAsync();
        using var killed = await app.ConnectAsync(); // its connection stays open, and it never answers the close
        await watcher.JoinAsync("presence:a");
        await watcher.ReceiveAsync();
        await JoinAsAnnAsync(killed);
        Assert.True((await watcher.ReceiveAsync()).Payload!["joins"]!.AsObject().ContainsKey("ann"));

        time.Advance(TimeSpan.FromSeconds(59));
        await watcher.AssertSilentAsync();
        time.Advance(TimeSpan.FromSeconds(1.5));

        Assert.True((await watcher.ReceiveAsync()).Payload!["leaves"]!.AsObject().ContainsKey("ann"));
    }

    [Theory]
    [InlineData("leave", "Left")]
    [InlineData("stop", "Stopped")]
    [InlineData("crash", "Crashed")]
    [InlineData("rejoin", "DuplicateJoin")]
    [InlineData("reset", "Closed")]
    [InlineData("hang", "Closed")]
    public async Task Presences_of_a_channel_leave_after_TerminateAsync_for_every_kind_of_end(string end, string reason)
    {
        await using var app = await PhoenixApp.StartAsync();
        app.Logs.Expect("crashed in \"crash\"");
        using var watcher = await app.ConnectAsync();
        using var client = await app.ConnectAsync();
        await watcher.JoinAsync("presence:a");
        await watcher.ReceiveAsync();
        var annRef = await JoinAsAnnAsync(client);
        var (otherRef, _) = await SendAsync(client, "track", """{"key":"other"}""");
        Assert.Equal("ann", Assert.Single((await watcher.ReceiveAsync()).Payload!["joins"]!.AsObject()).Key);
        Assert.Equal("other", Assert.Single((await watcher.ReceiveAsync()).Payload!["joins"]!.AsObject()).Key);

        await EndAsync(client, end);
        var diff = await watcher.ReceiveAsync();

        Assert.Equal($"terminated {reason} with 2 present", app.State.NextEvent());
        Assert.Equal("{}", diff.Payload?["joins"]?.ToJsonString());
        Assert.Equal(["ann", "other"], diff.Payload!["leaves"]!.AsObject().Select(presence => presence.Key).Order());
        Assert.Equal(annRef, (string?)diff.Payload["leaves"]!["ann"]!["metas"]![0]!["phx_ref"]);
        Assert.Equal(otherRef, (string?)diff.Payload["leaves"]!["other"]!["metas"]![0]!["phx_ref"]);
        Assert.Empty(app.Presence.List("presence:a"));
    }

    [Theory]
    [InlineData("deny")]
    [InlineData("crash")]
    public async Task Presences_tracked_by_a_join_leave_when_it_is_refused(string end)
    {
        await using var app = await PhoenixApp.StartAsync();
        app.Logs.Expect("crashed in \"phx_join\"");
        using var watcher = await app.ConnectAsync();
        using var client = await app.ConnectAsync();
        await watcher.JoinAsync("presence:a");
        await watcher.ReceiveAsync();

        Assert.Equal(
            "error", (await client.JoinAsync("presence:a", payload: $$"""{"key":"ann","end":"{{end}}"}""")).Status);

        Assert.Single((await watcher.ReceiveAsync()).Payload!["joins"]!.AsObject());
        Assert.Single((await watcher.ReceiveAsync()).Payload!["leaves"]!.AsObject());
        Assert.Empty(app.Presence.List("presence:a"));
        await client.AssertSilentAsync();
    }

    [Fact]
    public async Task Presence_can_be_untracked_and_tracked_again()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        var first = await JoinAsAnnAsync(client);

        await client.SendAsync("\"1\"", "\"2\"", "presence:a", "untrack", """{"key":"ann"}""");
        var left = await client.ReceiveAsync();
        Assert.Equal("ok", (await client.ReceiveAsync()).Status);
        await client.SendAsync("\"1\"", "\"3\"", "presence:a", "track", """{"key":"ann"}""");
        var joined = await client.ReceiveAsync();

        Assert.Equal(first, (string?)left.Payload?["leaves"]?["ann"]?["metas"]?[0]?["phx_ref"]);
        Assert.NotEqual(first, (string?)joined.Payload?["joins"]?["ann"]?["metas"]?[0]?["phx_ref"]);
    }

    // Phoenix: {:error, {:already_tracked, ...}}, {:error, :nopresence}, :ok (presence_test.exs 270, 292).
    [Fact]
    public async Task Second_track_and_update_without_a_presence_fail_but_untrack_without_one_succeeds()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await JoinAsAnnAsync(client);

        foreach (var (@event, key, expected) in new[]
        {
            ("track", "ann", """{"reason":"already tracked"}"""),
            ("update", "bob", """{"phx_ref":null}"""),
            ("count", "bob", """{"phx_ref":null}"""),
            ("untrack", "bob", "{}"),
        })
        {
            await client.SendAsync("\"1\"", "\"2\"", "presence:a", @event, $$"""{"key":"{{key}}"}""");
            Assert.Equal(expected, (await client.ReceiveAsync()).Response?.ToJsonString());
        }

        Assert.Single(app.Presence.List("presence:a"));
        await client.AssertSilentAsync();
    }

    // CVE-2026-56812, fixed in phoenix.js 1.8.9; the names are those of Object.getOwnPropertyNames(Object.prototype).
    [Theory]
    [InlineData("")]
    [InlineData("__proto__")]
    [InlineData("__defineGetter__")]
    [InlineData("__defineSetter__")]
    [InlineData("__lookupGetter__")]
    [InlineData("__lookupSetter__")]
    [InlineData("constructor")]
    [InlineData("hasOwnProperty")]
    [InlineData("isPrototypeOf")]
    [InlineData("propertyIsEnumerable")]
    [InlineData("toLocaleString")]
    [InlineData("toString")]
    [InlineData("valueOf")]
    public async Task Key_that_would_confuse_an_old_client_is_refused(string key)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await JoinAsAnnAsync(client);

        await client.SendAsync("\"1\"", "\"2\"", "presence:a", "track", $$"""{"key":"{{key}}"}""");

        Assert.Equal("argument", (await client.ReceiveAsync()).Reason);
        Assert.Single(app.Presence.List("presence:a"));
    }

    [Fact]
    public async Task Keys_and_metas_arrive_unchanged()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await JoinAsAnnAsync(client);

        const string Meta = """{"__proto__":1,"a":[1,null,"æ"],"b":{"c":null},"d":null}""";
        await client.SendAsync("\"1\"", "\"2\"", "presence:a", "track", $$"""{"key":"\"å☕\"","meta":{{Meta}}}""");

        var (key, presence) = Assert.Single((await client.ReceiveAsync()).Payload!["joins"]!.AsObject());
        Assert.Equal("\"å☕\"", key);
        Assert.StartsWith(
            Meta[..^1], presence!["metas"]![0]!.ToJsonString(Support.Json.Relaxed), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ended_channel_is_not_tracked()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var watcher = await app.ConnectAsync();
        using var client = await app.ConnectAsync();
        await watcher.JoinAsync("presence:a");
        await watcher.ReceiveAsync();
        await client.JoinAsync("presence:a", payload: """{"name":"left"}""");
        await client.ReceiveAsync();
        await client.SendAsync("\"1\"", "\"2\"", "presence:a", "phx_leave");
        await client.JoinAsync("presence:a", "\"3\"", """{"end":"deny","name":"refused"}""");
        Assert.Equal("phx_close", (await client.ReceiveAsync()).Event);
        Assert.Equal("denied", (await client.ReceiveAsync()).Reason);

        foreach (var channel in app.State.Channels.Values)
        {
            Assert.Null(app.Presence.Track(channel, "ann", []));
            Assert.Null(app.Presence.Update(channel, "ann", []));
            app.Presence.Untrack(channel, "ann");
            app.Presence.PushState(channel);
        }

        Assert.Equal(2, app.State.Channels.Count);
        Assert.Empty(app.Presence.List("presence:a"));
        await watcher.AssertSilentAsync();
        await client.AssertSilentAsync();
    }

    [Fact]
    public async Task List_is_the_callers_own_copy()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await JoinAsAnnAsync(client);

        app.Presence.List("presence:a")["ann"][0]["device"] = "changed";

        Assert.Equal("desk", (string?)app.Presence.List("presence:a")["ann"][0]["device"]);
        Assert.Empty(app.Presence.List("presence:b"));
    }

    private static async Task EndAsync(WireClient client, string end)
    {
        switch (end)
        {
            case "reset": client.Frames.Reset(); break;
            case "leave": await client.SendAsync("\"1\"", "\"9\"", "presence:a", "phx_leave"); break;
            case "rejoin": await client.SendAsync("\"9\"", "\"9\"", "presence:a", "phx_join"); break;
            case "hang":
                await client.SendAsync("\"1\"", "\"9\"", "presence:a", "hang");
                client.Frames.Reset();
                break;
            default: await client.SendAsync("\"1\"", "\"9\"", "presence:a", end); break;
        }
    }

    /// <summary>Joins and reads the reply, the state and the diff.</summary>
    private static async Task<string> JoinAsAnnAsync(WireClient client)
    {
        Assert.Equal("ok", (await client.JoinAsync("presence:a", payload: Ann)).Status);
        Assert.Equal("presence_state", (await client.ReceiveAsync()).Event);
        var joins = (await client.ReceiveAsync()).Payload!["joins"]!;
        return (string)joins["ann"]!["metas"]!.AsArray().Single()!["phx_ref"]!;
    }

    /// <summary>Makes the channel change a presence. The diff comes first, then the reply.</summary>
    private static async Task<(string PhxRef, JsonNode Diff)> SendAsync(
        WireClient client, string @event, string payload)
    {
        await client.SendAsync("\"1\"", "\"2\"", "presence:a", @event, payload);
        var diff = await client.ReceiveAsync();
        var phxRef = (string)(await client.ReceiveAsync()).Response!["phx_ref"]!;
        Assert.Equal("presence_diff", diff.Event);
        return (phxRef, diff.Payload!);
    }
}
