using System.Collections.Frozen;
using System.Text;
using Kaffediem.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Protocol.Channels;

/// <summary>
/// A crash in any callback is logged once, with topic and event but never with the payload. The client gets the answer
/// of docs/protocol.md, "Events".
/// </summary>
public sealed class CrashTests
{
    [Theory]
    [InlineData("join", "phx_join")]
    [InlineData("in", "push")]
    [InlineData("out", "out")]
    [InlineData("terminate", "TerminateAsync")]
    public async Task Crash_is_logged_once_without_the_payload(string where, string logged)
    {
        await using var app = await PhoenixApp.StartAsync();
        app.Logs.Expect($"A channel of topic \"crashing:a\" crashed in \"{logged}\"");
        using var client = await app.ConnectAsync();

        var joined = await client.JoinAsync("crashing:a", payload: $$"""{"where":"{{where}}","password":"hunter2"}""");
        if (where != "join")
        {
            await client.SendAsync("\"1\"", "\"2\"", "crashing:a", "push", """{"password":"hunter2"}""");
            Assert.Equal(where == "in" ? "phx_error" : "phx_reply", (await client.ReceiveAsync()).Event);
            app.Endpoint.Broadcast("crashing:a", "out", Payload.FromJson("""{"password":"hunter2"}"""));
            await client.SendAsync("\"1\"", "\"3\"", "crashing:a", "phx_leave");
            await AssertLeftAsync(client, where);
        }

        Assert.Equal(where == "join" ? "join crashed" : null, joined.Reason);
        Assert.Equal(1, app.Logs.Count("crashed in"));
        Assert.Equal(1, app.Logs.Count("System.InvalidOperationException"));
        Assert.Equal(1, app.Logs.Count("Caused by System.FormatException"));
        Assert.Equal(1, app.Logs.Count("CrashingChannel.CrashIn"));
        Assert.Equal(0, app.Logs.Count("hunter2"));
    }

    [Fact]
    public async Task Crashes_in_one_place_are_logged_once_a_minute_and_the_others_are_counted()
    {
        var time = new FakeTimeProvider();
        await using var app = await PhoenixApp.StartAsync(time: time);
        app.Logs.Expect("crashed in \"phx_join\"");
        app.Logs.Expect("more failures like the next one");
        using var client = await app.ConnectAsync();
        for (var i = 0; i < 5; i++)
        {
            await client.JoinAsync($"crashing:{i}", payload: """{"where":"join"}""");
        }

        Assert.Equal(1, app.Logs.Count("crashed in"));
        time.Advance(TimeSpan.FromMinutes(1));
        using var later = await app.ConnectAsync();
        await later.JoinAsync("crashing:later", payload: """{"where":"join"}""");

        Assert.Equal(2, app.Logs.Count("crashed in"));
        Assert.Equal(1, app.Logs.Count("4 more failures like the next one were not logged."));
    }

    [Fact]
    public async Task Long_topic_is_truncated_in_the_log()
    {
        await using var app = await PhoenixApp.StartAsync();
        app.Logs.Expect("crashed in");
        using var client = await app.ConnectAsync();

        await client.JoinAsync($"crashing:{new string('a', 900)}", payload: """{"where":"join"}""");

        Assert.Equal(1, app.Logs.Count($"\"crashing:{new string('a', 291)}…\" crashed"));
    }

    [Theory]
    [InlineData("Production", null, false)]
    [InlineData("Production", true, true)]
    [InlineData("Development", null, true)]
    [InlineData("Development", false, false)]
    public async Task Messages_of_exceptions_are_logged_in_Development_or_on_request(
        string environment, bool? option, bool areLogged)
    {
        await using var app = await PhoenixApp.StartAsync(
            options => options.LogExceptionMessages = option ?? options.LogExceptionMessages,
            environment: environment);
        app.Logs.Expect("crashed in \"phx_join\"");
        using var client = await app.ConnectAsync();

        await client.JoinAsync("crashing:a", payload: """{"where":"join","word":"kaboom\nfail"}""");

        Assert.Equal(areLogged ? 1 : 0, app.Logs.Count("InvalidOperationException: {\\\"where\\\""));
        Assert.Equal(areLogged ? 1 : 0, app.Logs.Count("Caused by System.FormatException: {\\\"where\\\""));
        Assert.Equal(0, app.Logs.Count("kaboom\n")); // text from a client never begins a line of the log
    }

    [Theory]
    [InlineData("wait")]
    [InlineData("hang")]
    public async Task Handler_that_is_cut_short_when_its_client_leaves_does_not_count_as_crashed(string @event)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("room:a");
        await client.SendAsync("\"1\"", "\"2\"", "room:a", @event, """{"gate":"g"}""");
        Assert.EndsWith("ing room:a", app.State.NextEvent(), StringComparison.Ordinal);

        client.Frames.Reset();

        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Join_that_is_cut_short_when_its_client_leaves_does_not_count_as_crashed(bool isSecond)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var meter = new MeterReader(app);
        using var client = await app.ConnectAsync();
        if (isSecond)
        {
            await client.JoinAsync("room:a", "\"0\"");
        }

        await client.SendAsync("\"1\"", "\"1\"", "room:a", "phx_join", """{"wait":"g"}""");
        while (app.State.NextEvent() != "joining room:a")
        {
        }

        await client.Frames.SendFrameAsync(0x8, [3, 232]);

        // The client gets neither an error nor the end of the previous channel: the front end would empty the page.
        Assert.Equal(0x8, (await client.Frames.ReadFrameAsync())?.Opcode);
        await meter.ReachAsync("phoenix.joins outcome=cut short", 1);
        Assert.DoesNotContain("outcome=crashed", meter["phoenix.joins"].Keys);
    }

    private static async Task AssertLeftAsync(WireClient client, string where)
    {
        if (where == "out")
        {
            var error = await client.ReceiveAsync();
            Assert.Equal(("phx_error", "channel_crash"), (error.Event, (string?)error.Payload?["reason"]));
        }

        Assert.Equal("\"3\"", (await client.ReceiveAsync()).Ref?.ToJsonString());
        if (where == "terminate")
        {
            Assert.Equal("phx_close", (await client.ReceiveAsync()).Event);
        }

        // TerminateAsync completes before the topic can be joined again.
        Assert.Equal("ok", (await client.JoinAsync("crashing:a", "\"4\"", """{"where":""}""")).Status);
    }
}

/// <summary>Crashes in the callback that its join names, with an exception that quotes the payload.</summary>
internal sealed class CrashingChannel : Channel
{
    private static readonly FrozenSet<string> Events = FrozenSet.Create("out");

    private string _where = "";
    private Payload _payload;

    protected override IReadOnlySet<string> Intercepts => Events;

    protected override Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken)
    {
        _where = payload.ToElement().GetProperty("where").GetString()!;
        _payload = payload;
        CrashIn("join", payload);
        return Task.FromResult(JoinResult.Ok());
    }

    protected override async Task<PushResult> HandleInAsync(
        string @event, Payload payload, CancellationToken cancellationToken)
    {
        await Task.Yield();
        CrashIn("in", payload);
        return PushResult.Ok();
    }

    protected override Task HandleOutAsync(string @event, Payload payload, CancellationToken cancellationToken)
    {
        CrashIn("out", payload);
        return Task.CompletedTask;
    }

    protected override Task TerminateAsync(TerminateReason reason, CancellationToken cancellationToken)
    {
        CrashIn("terminate", _payload);
        return Task.CompletedTask;
    }

    private void CrashIn(string here, Payload payload)
    {
        if (_where != here)
        {
            return;
        }

        var text = Encoding.UTF8.GetString(payload.Json.Span);
        try
        {
            throw new FormatException(text);
        }
        catch (FormatException exception)
        {
            throw new InvalidOperationException(text, exception);
        }
    }
}
