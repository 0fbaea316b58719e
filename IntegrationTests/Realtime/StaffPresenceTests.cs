using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Realtime;

/// <summary>The staff that is online: topic presence:staff, keyed by user (docs/protocol.md, "Presence").</summary>
public sealed class StaffPresenceTests : IAsyncDisposable
{
    private const string Topic = "presence:staff";

    private readonly KaffediemServer _server = KaffediemServer.Start(new ServerSetup { Environment = "Production" });

    [Fact]
    public async Task Front_desk_sees_the_kitchen_join_and_leave()
    {
        var cookie = await SignInAsync();
        using var desk = await ConnectAsync(cookie);
        Assert.Equal("ok", (await desk.JoinAsync(Topic, payload: """{"screen":"desk"}""")).Status);
        Assert.Equal("{}", (await desk.ReceiveAsync()).Payload!.ToJsonString()); // presence_state: empty so far
        Assert.Equal("desk", (string?)Joins(await desk.ReceiveAsync())["screen"]);

        using var kitchen = await ConnectAsync(cookie);
        Assert.Equal("ok", (await kitchen.JoinAsync(Topic, payload: """{"screen":"kitchen"}""")).Status);
        var state = await kitchen.ReceiveAsync();
        Assert.Equal("presence_state", state.Event);
        Assert.Equal("desk", (string?)state.Payload!["1"]!["metas"]![0]!["screen"]);

        var came = Joins(await desk.ReceiveAsync());
        Assert.Equal("kitchen", (string?)came["screen"]);
        Assert.Equal("Kaffediem", (string?)came["name"]);

        kitchen.Frames.Reset(); // breaks the connection

        var left = await desk.ReceiveAsync();
        Assert.Equal("presence_diff", left.Event);
        Assert.Empty(left.Payload!["joins"]!.AsObject());
        Assert.Equal("kitchen", (string?)left.Payload["leaves"]!["1"]!["metas"]![0]!["screen"]);
    }

    [Fact]
    public async Task Join_without_a_session_is_refused()
    {
        using var phone = await ConnectAsync(cookie: null);

        var reply = await phone.JoinAsync(Topic);

        Assert.Equal("error", reply.Status);
        Assert.Equal("sign in first", reply.Reason);
    }

    [Theory]
    [InlineData(null, "error", "only administrators are staff here")]
    [InlineData("Administrators", "error", "only administrators are staff here")]
    [InlineData("SignedIn", "ok", null)]
    public async Task Customers_are_staff_only_if_the_setting_says_so(string? setting, string status, string? reason)
    {
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Environment = "Production",
            Settings = { ["Presence:Staff"] = setting ?? "" },
        });
        SqliteFile.Execute(server.DatabasePath, "UPDATE users SET is_admin = 0");
        using var client = server.CreateClient();
        var cookie = (await client.SignInAsync()).Header("Set-Cookie")!.Split(';')[0];
        var frames = await FrameClient.ConnectAsync(
            server.BaseAddress, "/socket/websocket?vsn=2.0.0", "GET", ("Cookie", cookie));
        using var phone = new WireClient(frames, version: 2);

        var reply = await phone.JoinAsync(Topic);

        Assert.Equal((status, reason), (reply.Status, reply.Status == "ok" ? null : reply.Reason));
    }

    [Fact]
    public async Task User_has_a_bounded_number_of_screens_until_one_leaves()
    {
        var cookie = await SignInAsync();
        var screens = new List<WireClient>();
        for (var i = 0; i < 100; i++)
        {
            screens.Add(await ConnectAsync(cookie));
            Assert.Equal("ok", (await screens[i].JoinAsync(Topic)).Status);
        }

        using var last = await ConnectAsync(cookie);
        var refused = await last.JoinAsync(Topic);
        Assert.Equal(("error", "too many screens of this user"), (refused.Status, refused.Reason));
        await last.AssertSilentAsync(); // no presence_state: it is not on the topic

        await screens[7].SendAsync("\"1\"", "\"9\"", Topic, "phx_leave");
        // Retries as phoenix.js does, only sooner.
        await Polling.UntilAsync(async () => (await last.JoinAsync(Topic)).Status == "ok");

        screens.ForEach(screen => screen.Dispose());
    }

    [Theory]
    [InlineData("""{"screen":7}""")]
    [InlineData("""{"screen":"12345678901234567890123456789012345678901"}""")]
    [InlineData("[]")]
    public async Task Screen_that_is_not_a_short_text_is_refused(string payload)
    {
        using var desk = await ConnectAsync(await SignInAsync());

        var reply = await desk.JoinAsync(Topic, payload: payload);

        Assert.Equal("error", reply.Status);
        Assert.StartsWith("screen must be", reply.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signing_out_ends_the_presence()
    {
        var cookie = await SignInAsync();
        using var kitchen = await ConnectAsync(cookie);
        await kitchen.JoinAsync(Topic, payload: """{"screen":"kitchen"}""");

        using var client = _server.CreateClient();
        client.Headers.Add("Cookie", cookie);
        (await client.DeleteAsync("/api/session")).Is(204);

        Assert.Equal(1001, await kitchen.Frames.ReadCloseCodeAsync()); // phoenix.js reconnects, without a user
        using var again = await ConnectAsync(cookie);
        Assert.Equal("sign in first", (await again.JoinAsync(Topic)).Reason);
    }

    [Fact]
    public async Task Signing_out_keeps_the_users_other_sessions_connected()
    {
        var phone = await SignInAsync();
        using var kitchen = await ConnectAsync(await SignInAsync());
        using var onPhone = await ConnectAsync(phone);
        using var alsoOnPhone = await ConnectAsync(phone);
        Assert.Equal("ok", (await kitchen.JoinAsync(Topic)).Status);

        using var client = _server.CreateClient();
        client.Headers.Add("Cookie", phone);
        (await client.DeleteAsync("/api/session")).Is(204);

        Assert.Equal(1001, await onPhone.Frames.ReadCloseCodeAsync());
        Assert.Equal(1001, await alsoOnPhone.Frames.ReadCloseCodeAsync());
        Assert.Equal("presence_state", (await kitchen.ReceiveAsync()).Event);
        Assert.Equal("presence_diff", (await kitchen.ReceiveAsync()).Event);
        await kitchen.AssertSilentAsync();
    }

    [Fact]
    public async Task New_sign_in_closes_the_sockets_of_the_replaced_session()
    {
        var cookie = await SignInAsync();
        using var kitchen = await ConnectAsync(cookie);
        using var other = await ConnectAsync(await SignInAsync());

        using var client = _server.CreateClient();
        client.Headers.Add("Cookie", cookie);
        (await client.SignInAsync()).Is(200);

        Assert.Equal(1001, await kitchen.Frames.ReadCloseCodeAsync());
        await other.AssertSilentAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static JsonNode Joins(WireMessage diff)
    {
        Assert.Equal("presence_diff", diff.Event);
        Assert.Empty(diff.Payload!["leaves"]!.AsObject());
        return diff.Payload["joins"]!["1"]!["metas"]![0]!;
    }

    private async Task<string> SignInAsync()
    {
        using var client = _server.CreateClient();
        var answer = await client.SignInAsync();
        answer.Is(200);
        return answer.Header("Set-Cookie")!.Split(';')[0];
    }

    private async Task<WireClient> ConnectAsync(string? cookie)
    {
        var frames = await FrameClient.ConnectAsync(
            _server.BaseAddress, "/socket/websocket?vsn=2.0.0", "GET", ("Cookie", cookie));
        Assert.Equal(101, frames.Status);
        return new WireClient(frames, 2);
    }
}
