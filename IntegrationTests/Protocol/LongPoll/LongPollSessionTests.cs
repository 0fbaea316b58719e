using System.Net;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol.LongPoll;

/// <summary>
/// A session from opening to end: docs/protocol.md, "Long-poll"; phoenix@167c469 long_poll_channels_test.exs
/// 361, 710, 890.
/// </summary>
public sealed class LongPollSessionTests
{
    private const string Join = """["1","1","room:a","phx_join",{}]""";
    private const string Joined = """["1","1","room:a","phx_reply",{"status":"ok","response":{}}]""";
    private const string Heartbeat = """[null,"2","phoenix","heartbeat",{}]""";

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task First_poll_returns_410_and_a_token()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = new LongPollClient(app.Address);

        var opening = await client.PollAsync();

        Assert.Equal(HttpStatusCode.OK, opening.HttpStatus);
        Assert.Equal($$"""{"status":410,"token":"{{opening.Token}}","messages":[]}""", opening.Body);
        Assert.True(opening.Token?.Length > 40, opening.Token);
    }

    [Fact]
    public async Task Waiting_messages_are_returned_at_once_as_JSON_in_JSON()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await LongPollClient.OpenAsync(app.Address);
        var posted = await client.PostAsync(Join, """["1","2","room:a","echo",{"text":"ø \"\\ ☕\n"}]""");

        var messages = await client.ReadAsync(2);
        await client.PostAsync(Heartbeat);
        var answer = await client.PollAsync();

        Assert.Equal("""{"status":200}""", posted.Body);
        Assert.Equal(
            [Joined, """["1","2","room:a","phx_reply",{"status":"ok","response":{"text":"ø \"\\ ☕\n"}}]"""], messages);
        const string Message = """[null,\"2\",\"phoenix\",\"phx_reply\",{\"status\":\"ok\",\"response\":{}}]""";
        Assert.Equal($$"""{"status":200,"token":"{{answer.Token}}","messages":["{{Message}}"]}""", answer.Body);
    }

    [Fact]
    public async Task Poll_waits_for_a_message()
    {
        var time = new WatchedTime();
        await using var app = await PhoenixApp.StartAsync(time: time);
        using var client = await LongPollClient.OpenAsync(app.Address);

        var poll = await StartPollAsync(client, time);
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(poll.IsCompleted);
        await client.PostAsync(Join);
        var answer = await poll;

        Assert.Equal(200, answer.Status);
        Assert.Equal([Joined], answer.Messages);
    }

    [Fact]
    public async Task Poll_returns_204_at_the_end_of_each_window()
    {
        var time = new WatchedTime();
        await using var app = await PhoenixApp.StartAsync(time: time);
        using var client = await LongPollClient.OpenAsync(app.Address);

        for (var i = 0; i < 5; i++)
        {
            var poll = await StartPollAsync(client, time);
            time.Advance(Window);
            var answer = await poll;

            Assert.Equal(HttpStatusCode.OK, answer.HttpStatus);
            Assert.Equal($$"""{"status":204,"token":"{{answer.Token}}","messages":[]}""", answer.Body);
        }

        await client.PostAsync(Join);
        Assert.Equal([Joined], (await client.PollAsync()).Messages);
    }

    [Fact]
    public async Task Poll_ends_the_previous_one_with_204()
    {
        var time = new WatchedTime();
        await using var app = await PhoenixApp.StartAsync(time: time);
        using var client = await LongPollClient.OpenAsync(app.Address);
        using var other = client.OnAnotherConnection();

        var first = await StartPollAsync(client, time);
        var second = await StartPollAsync(other, time);
        var replaced = await first;
        Assert.False(second.IsCompleted);
        await client.PostAsync(Join);

        Assert.Equal((204, 0), (replaced.Status, replaced.Messages.Count));
        Assert.Equal([Joined], (await second).Messages);
    }

    [Fact]
    public async Task Session_without_a_poll_for_one_and_a_half_windows_ends()
    {
        var time = new WatchedTime();
        await using var app = await PhoenixApp.StartAsync(time: time);
        using var client = await LongPollClient.OpenAsync(app.Address);
        await client.PostAsync(Join);
        await client.PollAsync();
        await client.PostAsync(Heartbeat); // on the connection of the poll, so the server is done with the poll
        var token = client.Token;

        time.Advance(Window * 1.4);
        var lastPost = await client.PostAsync(Heartbeat); // does not count as a poll
        time.Advance(Window * 0.2);

        Assert.Equal(200, lastPost.Status);
        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
        Assert.Equal("""{"status":410}""", (await client.PostAsync(Heartbeat)).Body);
        var reopening = await client.PollAsync();
        Assert.Equal((410, 0), (reopening.Status, reopening.Messages.Count));
        Assert.NotEqual(token, reopening.Token);
    }

    [Fact]
    public async Task Polled_session_continues()
    {
        var time = new WatchedTime();
        await using var app = await PhoenixApp.StartAsync(time: time);
        using var client = await LongPollClient.OpenAsync(app.Address);

        for (var i = 0; i < 5; i++)
        {
            time.Advance(Window * 1.4);
            await client.PostAsync(Heartbeat);
            Assert.Equal(200, (await client.PollAsync()).Status);
        }
    }

    // phoenix.js up to 1.8.1 continues with the token of the new session as if nothing had happened (phoenix#6538).
    [Fact]
    public async Task Client_that_overlooks_the_end_of_its_session_gets_500_and_starts_over()
    {
        var time = new WatchedTime();
        await using var app = await PhoenixApp.StartAsync(time: time);
        using var client = await LongPollClient.OpenAsync(app.Address);
        time.Advance(Window * 2);
        Assert.Equal(410, (await client.PollAsync()).Status);

        var answer = await client.PollAsync();
        client.Token = null;
        var opening = await client.PollAsync();
        await client.PostAsync(Join);
        var joined = await client.PollAsync();

        Assert.Equal((HttpStatusCode.OK, """{"status":500}"""), (answer.HttpStatus, answer.Body));
        Assert.Equal(410, opening.Status);
        Assert.Equal([Joined], joined.Messages);
    }

    [Fact]
    public async Task Client_that_pushes_to_a_topic_of_its_ended_session_gets_500_too()
    {
        var time = new WatchedTime();
        await using var app = await PhoenixApp.StartAsync(time: time);
        using var client = await LongPollClient.OpenAsync(app.Address);
        time.Advance(Window * 2);
        Assert.Equal(410, (await client.PollAsync()).Status);

        await client.PostAsync("""["1","2","room:a","echo",{}]""");
        var answer = await client.PollAsync();

        Assert.Equal("""{"status":500}""", answer.Body);
    }

    // The same client behind a proxy, where it does not notice that another server answers.
    [Fact]
    public async Task Client_with_the_token_of_another_process_gets_500_and_starts_over()
    {
        await using var before = await PhoenixApp.StartAsync();
        using var client = await LongPollClient.OpenAsync(before.Address);
        await using var app = await PhoenixApp.StartAsync();
        using var deployed = new LongPollClient(app.Address) { Token = client.Token };
        Assert.Equal(410, (await deployed.PollAsync()).Status);

        var answer = await deployed.PollAsync();
        deployed.Token = null;
        var opening = await deployed.PollAsync();

        Assert.Equal("""{"status":500}""", answer.Body);
        Assert.Equal(410, opening.Status);
    }

    [Fact]
    public async Task Client_that_rejoins_in_its_new_session_continues()
    {
        var time = new WatchedTime();
        await using var app = await PhoenixApp.StartAsync(time: time);
        using var client = await LongPollClient.OpenAsync(app.Address);
        time.Advance(Window * 2);
        Assert.Equal(410, (await client.PollAsync()).Status);

        await client.PostAsync(Join);

        Assert.Equal([Joined], (await client.PollAsync()).Messages);
    }

    [Fact]
    public async Task Disconnecting_an_id_ends_its_sessions()
    {
        var time = new WatchedTime();
        await using var app = await PhoenixApp.StartAsync(time: time);
        using var client = await LongPollClient.OpenAsync(app.Address, "vsn=2.0.0&id=user:7");
        using var late = client.OnAnotherConnection();
        using var other = await LongPollClient.OpenAsync(app.Address, "vsn=2.0.0&id=user:8");
        await client.PostAsync(Join);
        await client.ReadAsync(1);
        var poll = await StartPollAsync(client, time);

        app.Endpoint.Disconnect("user:7");

        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
        Assert.Equal(410, (await poll).Status);
        Assert.Equal(410, (await late.PostAsync(Heartbeat)).Status);
        Assert.Equal(410, (await late.PollAsync()).Status);
        Assert.Equal(200, (await other.PostAsync(Heartbeat)).Status);
    }

    [Fact]
    public async Task Shutdown_ends_a_session_and_opens_no_other()
    {
        var time = new WatchedTime();
        await using var app = await PhoenixApp.StartAsync(time: time);
        using var client = await LongPollClient.OpenAsync(app.Address);
        await client.PostAsync(Join);
        await client.ReadAsync(1);
        var poll = await StartPollAsync(client, time);

        await app.StopAsync();

        var answer = await poll;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, ""), (answer.HttpStatus, answer.Body));
        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
    }

    private static async Task<Task<PollAnswer>> StartPollAsync(LongPollClient client, WatchedTime time)
    {
        var waits = time.NextTimerAsync(Window);
        var poll = client.PollAsync();
        await waits;
        return poll;
    }
}
