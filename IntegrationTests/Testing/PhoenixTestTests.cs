using System.Security.Claims;
using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;
using Kaffediem.Protocol.Testing;
using Kaffediem.Server.Realtime;
using Microsoft.Extensions.DependencyInjection;
using TestSocket = Kaffediem.IntegrationTests.Support.TestSocket;

namespace Kaffediem.IntegrationTests.Testing;

/// <summary>Protocol.Testing, exercised on channels that use every feature of channels.</summary>
public sealed class PhoenixTestTests
{
    private static readonly string[] Tags = ["a", "b"];

    private readonly TestState _state = new();

    public static TheoryData<int> Versions => [1, 2];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Client_joins_pushes_and_leaves(int version)
    {
        await using var phoenix = Start();
        var client = await phoenix.ConnectAsync(options: new ClientOptions { Version = version });
        var room = await client.JoinAsync("room:a", new { reply = new { welcome = true } });

        Assert.Equal("""{"welcome":true}""", room.JoinResponse.ToNode()!.ToJsonString());
        await room.Push("echo", new { text = "ø☕" }).ExpectReplyAsync("ok", new { text = "ø☕" });
        await room.Push("status").ExpectReplyAsync("teapot");
        await room.Push("silent").ExpectNoReplyAsync();
        await room.LeaveAsync();

        Assert.Equal("terminated room:a: Left", _state.NextEvent());
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Pushes_and_broadcasts_are_distinguished_by_their_recipients(int version)
    {
        await using var phoenix = Start();
        var options = new ClientOptions { Version = version };
        var first = await (await phoenix.ConnectAsync(options: options)).JoinAsync("room:a");
        var second = await (await phoenix.ConnectAsync(options: options)).JoinAsync("room:a");

        first.Push("shout_from", new { n = 1 });
        first.Push("push", new { n = 2 });

        await second.ExpectPushAsync("shout", new { n = 1 });
        await second.ExpectNothingAsync();
        await first.ExpectBroadcastAsync("shout", new { n = 1 });
        await first.ExpectNoPushAsync("shout");
        await first.ExpectPushAsync("pushed", new { n = 2 });
        await first.ExpectNoBroadcastAsync("pushed");
        await first.ExpectNothingAsync();
    }

    [Fact]
    public async Task Intercepted_broadcast_is_still_a_broadcast()
    {
        await using var phoenix = Start();
        var client = await phoenix.ConnectAsync();
        var channel = await client.JoinAsync("intercept:a");

        phoenix.Endpoint.Broadcast("intercept:a", "news", Payload.Empty);
        await channel.ExpectBroadcastAsync("news");
        await channel.ExpectPushAsync("news");
    }

    // The handler that sends the unexpected message is released only after the test has begun to wait.
    [Fact]
    public async Task ExpectNothing_waits_for_handlers_that_still_run()
    {
        await using var phoenix = Start();
        var room = await (await phoenix.ConnectAsync()).JoinAsync("room:a");
        room.Push("wait", new { gate = "g" });
        room.Push("push", new { n = 1 });
        Assert.Equal("waiting room:a", _state.NextEvent());

        var expecting = room.ExpectNothingAsync();
        Assert.False(expecting.IsCompleted);
        _state.Open("g");

        var failure = await Assert.ThrowsAsync<PhoenixTestException>(() => expecting);
        Assert.StartsWith(
            "Expected no push, but got pushed on room:a: {\"n\":1}.", failure.Message, StringComparison.Ordinal);
    }

    // A chain: each channel's handler causes the next one's work.
    [Fact]
    public async Task ExpectNothing_waits_for_messages_that_handlers_cause_in_other_channels()
    {
        const int Length = 50;
        await using var phoenix = PhoenixTest.For<ChainSocket>();
        var channels = new ClientChannel[Length];
        for (var i = 0; i < Length; i++)
        {
            channels[i] = await (await phoenix.ConnectAsync()).JoinAsync($"chain:{i}");
        }

        channels[^1].Push("next", new { n = Length - 1 });

        await Assert.ThrowsAsync<PhoenixTestException>(channels[0].ExpectNothingAsync);
        await channels[0].ExpectPushAsync("next", new { n = 0 });
    }

    [Fact]
    public async Task Settling_waits_for_presences_that_leave()
    {
        await using var phoenix = Start();
        var first = await (await phoenix.ConnectAsync()).JoinAsync("presence:a", new { key = "ann" });
        var other = await phoenix.ConnectAsync();
        await other.JoinAsync("presence:a", new { key = "bob" });
        await other.CloseAsync();
        await phoenix.SettleAsync();

        await first.ExpectBroadcastAsync("presence_diff"); // ann joins
        await first.ExpectBroadcastAsync("presence_diff"); // bob joins
        var left = await first.ExpectBroadcastAsync("presence_diff");
        Assert.NotNull(left.ToNode()!["leaves"]!["bob"]);
    }

    [Fact]
    public async Task Binary_payloads_pass_in_both_directions()
    {
        await using var phoenix = Start();
        var room = await (await phoenix.ConnectAsync()).JoinAsync("room:a");
        var bytes = Payload.FromBinary(new byte[] { 0, 255 });

        room.Push("shout", bytes);
        room.Push("push", bytes);

        await room.Push("echo", bytes).ExpectReplyAsync("ok", bytes);
        await room.ExpectPushAsync("shout", bytes);
        await room.ExpectPushAsync("pushed", bytes);
        await room.ExpectBroadcastAsync("shout", bytes);
    }

    [Fact]
    public async Task Binary_broadcast_ends_the_channel_of_a_long_poll_client()
    {
        await using var phoenix = Start();
        var client = await phoenix.ConnectAsync(options: new ClientOptions { IsLongPoll = true });
        var room = await client.JoinAsync("room:a");

        phoenix.Endpoint.Broadcast("room:a", "shout", Payload.FromBinary(new byte[] { 1 }));

        await room.ExpectErrorAsync();
        Assert.Equal("longpoll", Assert.Single(_state.Connects).Info.Transport);
    }

    [Fact]
    public async Task Socket_sees_the_user_headers_and_token_that_the_test_sets()
    {
        await using var phoenix = Start();
        await phoenix.ConnectAsync(
            new { user = new { id = 7 }, tags = Tags, isNew = true, nothing = (string?)null },
            new ClientOptions
            {
                User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "ada")], "test")),
                AuthToken = "secret",
                Headers = new Dictionary<string, string> { ["User-Agent"] = "Firefox" },
            });

        var (parameters, info) = Assert.Single(_state.Connects);
        Assert.Equal(
            """{"user":{"id":"7"},"tags":{"0":"a","1":"b"},"isNew":"true","vsn":"2.0.0"}""", parameters.ToJsonString());
        Assert.Equal(
            ("websocket", "ada", "secret", "Firefox"),
            (info.Transport, info.User.Identity?.Name, info.AuthToken, info.UserAgent));
    }

    [Fact]
    public async Task Refusals_can_be_expected()
    {
        await using var phoenix = Start();
        var client = await phoenix.ConnectAsync();

        Assert.Equal(429, await phoenix.ExpectRefusedConnectAsync(new { deny = "429" }));
        var refusal = await client.ExpectRefusedJoinAsync("room:a", new { deny = "full" });
        Assert.Equal("full", (string?)refusal.ToNode()!["why"]);

        await Assert.ThrowsAsync<PhoenixTestException>(() => phoenix.ConnectAsync(new { deny = "429" }));
        await Assert.ThrowsAsync<PhoenixTestException>(() => phoenix.ExpectRefusedConnectAsync());
        await Assert.ThrowsAsync<PhoenixTestException>(() => client.JoinAsync("room:b", new { deny = "full" }));
        await Assert.ThrowsAsync<PhoenixTestException>(() => client.ExpectRefusedJoinAsync("room:b"));
    }

    [Fact]
    public async Task Failure_names_the_reason_of_a_channels_crash()
    {
        await using var phoenix = Start();
        var room = await (await phoenix.ConnectAsync()).JoinAsync("room:a");

        var failure = await Assert.ThrowsAsync<PhoenixTestException>(() => room.Push("crash").ExpectReplyAsync());

        Assert.StartsWith(
            "Expected a reply to \"crash\" on room:a, which cannot come any more.",
            failure.Message, StringComparison.Ordinal);
        Assert.Contains("Not expected yet:\n  phx_error on room:a", failure.Message, StringComparison.Ordinal);
        Assert.Contains("System.InvalidOperationException: secret", failure.Message, StringComparison.Ordinal);
        await room.ExpectErrorAsync();
    }

    [Fact]
    public async Task Failed_expectation_reports_the_messages_that_came_instead()
    {
        await using var phoenix = Start();
        var client = await phoenix.ConnectAsync();
        var room = await client.JoinAsync("room:a");
        room.Push("push", new { n = 1 });
        await phoenix.SettleAsync();
        await client.CloseAsync(); // nothing more can come then, so the expectation fails without waiting

        var missing = await Assert.ThrowsAsync<PhoenixTestException>(() => room.ExpectPushAsync("other"));
        var other = await Assert.ThrowsAsync<PhoenixTestException>(() => room.ExpectPushAsync("pushed", new { n = 2 }));

        Assert.StartsWith(
            "Expected the push \"other\", which cannot come any more.", missing.Message, StringComparison.Ordinal);
        Assert.Contains("pushed on room:a: {\"n\":1}", missing.Message, StringComparison.Ordinal);
        Assert.Contains("The connection was closed with 1000.", missing.Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "Expected the push \"pushed\" with {\"n\":2}, but got pushed on room:a: {\"n\":1}.",
            other.Message, StringComparison.Ordinal);
    }

    // The gate stays closed, so a millisecond is as good as a day.
    [Fact]
    public async Task Expectation_fails_if_a_handler_does_not_end_in_time()
    {
        await using var phoenix = Start(TimeSpan.FromMilliseconds(1));
        var client = await phoenix.ConnectAsync();

        var late = await Assert.ThrowsAsync<PhoenixTestException>(
            () => client.ExpectRefusedJoinAsync("room:a", new { wait = "g" }));
        Assert.Equal("joining room:a", _state.NextEvent());
        var busy = await Assert.ThrowsAsync<PhoenixTestException>(phoenix.SettleAsync);

        Assert.StartsWith(
            "Expected a reply to \"phx_join\" on room:a, which did not come within 0.001 s.",
            late.Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "Expected all handlers to have ended within 0.001 s.", busy.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_closes_a_client()
    {
        await using var phoenix = Start();
        var client = await phoenix.ConnectAsync(new { id = "user:1" });
        await client.JoinAsync("room:a");

        phoenix.Endpoint.Disconnect("user:1");

        Assert.Equal(1001, await client.ExpectCloseAsync(1001));
        Assert.Equal("terminated room:a: Closed", _state.NextEvent());
    }

    [Fact]
    public async Task Second_join_replaces_the_first()
    {
        await using var phoenix = Start();
        var client = await phoenix.ConnectAsync();
        var first = await client.JoinAsync("room:a");
        var second = await client.JoinAsync("room:a");

        await first.ExpectCloseAsync();
        await first.Push("echo").ExpectNoReplyAsync();
        await second.Push("echo").ExpectReplyAsync();
    }

    [Fact]
    public async Task Closed_client_has_its_channels_and_socket_disposed()
    {
        await using var phoenix = PhoenixTest.For<ScopedSocket>(
            services => services.AddSingleton(_state).AddScoped<ScopedService>());
        var client = await phoenix.ConnectAsync();
        await client.JoinAsync("a");

        await client.CloseAsync();

        Assert.Equal(
            [
                "terminated", "channel disposed", "service of channel disposed",
                "socket disposed", "service of socket disposed",
            ],
            _state.Events);
    }

    [Fact]
    public async Task PhoenixTest_works_with_the_services_of_a_whole_application()
    {
        await using var server = KaffediemServer.Start();
        await using var phoenix = PhoenixTest.For<KaffediemSocket>(server.Services);
        var client = await phoenix.ConnectAsync();

        var menu = await client.JoinAsync("collection:item");

        Assert.NotEmpty(menu.JoinResponse.ToNode()!["items"]!.AsArray());
    }

    [Fact]
    public void Error_names_AddPhoenix_when_it_is_missing()
    {
        using var services = new ServiceCollection().BuildServiceProvider();

        var exception = Assert.Throws<InvalidOperationException>(() => PhoenixTest.For<PlainSocket>(services));

        Assert.Contains("AddPhoenix", exception.Message, StringComparison.Ordinal);
    }

    private PhoenixTest Start(TimeSpan? timeout = null) =>
        PhoenixTest.For<TestSocket>(services => services.AddSingleton(_state), timeout);

    private sealed class ChainSocket : PhoenixSocket
    {
        private static readonly ChannelRoutes Routes = new ChannelRoutes().Channel<ChainChannel>("chain:*");

        protected override ChannelRoutes Channels => Routes;
    }

    /// <summary>Passes each message on to the channel with the next lower number, which intercepts it.</summary>
    private sealed class ChainChannel(PhoenixEndpoint endpoint) : Channel
    {
        private static readonly HashSet<string> Events = ["next"];

        protected override IReadOnlySet<string> Intercepts => Events;

        protected override Task<JoinResult> JoinAsync(Payload @params, CancellationToken cancellationToken) =>
            Task.FromResult(JoinResult.Ok());

        protected override Task<PushResult> HandleInAsync(
            string @event, Payload payload, CancellationToken cancellationToken)
        {
            PassOn(payload);
            return Task.FromResult(PushResult.NoReply);
        }

        protected override async Task HandleOutAsync(
            string @event, Payload payload, CancellationToken cancellationToken)
        {
            await Task.Yield();
            PassOn(payload);
            Push(@event, payload);
        }

        private void PassOn(Payload payload)
        {
            var number = (int)payload.ToNode()!["n"]!;
            if (number > 0)
            {
                endpoint.Broadcast(
                    $"chain:{number - 1}", "next", Payload.From(new JsonObject { ["n"] = number - 1 }));
            }
        }
    }
}
