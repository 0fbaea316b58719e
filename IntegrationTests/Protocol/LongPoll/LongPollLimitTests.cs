using System.Net;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Protocol.LongPoll;

/// <summary>
/// The limits of long-poll sessions: how many there are, and how much waits for one. A refused client gets no JSON,
/// which phoenix.js treats as a fault of the server, so that it tries again (docs/protocol.md, "Answers").
/// </summary>
public sealed class LongPollLimitTests
{
    private const string Join = """["1","1","room:a","phx_join",{}]""";

    [Fact]
    public async Task Where_there_is_no_room_a_client_is_answered_503_until_a_session_ends()
    {
        var time = new WatchedTime();
        await using var app = await PhoenixApp.StartAsync(options => options.MaxConnections = 2, time: time);
        app.Logs.Expect("REFUSED a connection");
        using var one = await LongPollClient.OpenAsync(app.Address);
        using var two = await app.ConnectAsync();
        using var three = new LongPollClient(app.Address);
        await one.PostAsync(Join);

        var refused = await three.PollAsync();
        var served = await one.PollAsync();
        await one.PostAsync(); // on the poll's connection: the server is done with that
        time.Advance(TimeSpan.FromSeconds(15)); // nobody polls
        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
        while ((await three.PollAsync()).Status == 0)
        {
            // The place is given back just after the channels have been told.
        }

        Assert.Equal((HttpStatusCode.ServiceUnavailable, ""), (refused.HttpStatus, refused.Body));
        Assert.Equal(200, served.Status);
        Assert.NotNull(three.Token);
    }

    [Fact]
    public async Task From_one_address_too_many_are_answered_429()
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxConnectionsPerAddress = 1);
        app.Logs.Expect("REFUSED a connection");
        using var one = await LongPollClient.OpenAsync(app.Address);
        await one.PostAsync();
        using var two = new LongPollClient(app.Address);

        var refused = await two.PollAsync();

        Assert.Equal((HttpStatusCode.TooManyRequests, ""), (refused.HttpStatus, refused.Body));
    }

    [Fact]
    public async Task A_refused_client_takes_no_place()
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxConnections = 1);
        using var refused = new LongPollClient(app.Address, "vsn=3.0.0");

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(403, (await refused.PollAsync()).Status);
        }

        using var client = await LongPollClient.OpenAsync(app.Address);
    }

    [Fact]
    public async Task When_too_much_waits_the_session_ends_and_what_waited_is_given_up()
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxOutboxBytes = 10_000);
        using var client = await LongPollClient.OpenAsync(app.Address);
        await client.PostAsync(Join);
        await client.ReadAsync(1);

        for (var i = 0; i < 3; i++)
        {
            app.Endpoint.Broadcast("room:a", "news", Text(4_000));
        }

        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
        var reopening = await client.PollAsync();
        Assert.Equal((410, 0), (reopening.Status, reopening.Messages.Count));
    }

    [Fact]
    public async Task What_was_received_no_longer_counts()
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxOutboxBytes = 10_000);
        using var client = await LongPollClient.OpenAsync(app.Address);
        await client.PostAsync(Join);
        await client.ReadAsync(1);

        for (var i = 0; i < 20; i++)
        {
            app.Endpoint.Broadcast("room:a", "news", Text(4_000));
            Assert.Single((await client.PollAsync()).Messages);
        }
    }

    [Fact]
    public async Task Replies_and_one_message_always_have_room()
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxOutboxBytes = 1_000);
        using var client = await LongPollClient.OpenAsync(app.Address);

        await client.PostAsync(
            $$$"""["1","1","room:a","phx_join",{"reply":{"text":"{{{new string('x', 50_000)}}}"}}]""");
        var reply = Assert.Single(await client.ReadAsync(1));
        app.Endpoint.Broadcast("room:a", "news", Text(50_000));

        Assert.Contains(new string('x', 50_000), reply, StringComparison.Ordinal);
        Assert.Contains(new string('x', 50_000), Assert.Single(await client.ReadAsync(1)), StringComparison.Ordinal);
    }

    // Each client would otherwise have a copy of a snapshot that many share, whether it reads it or not.
    [Fact]
    public async Task A_long_message_is_encoded_piece_by_piece_and_arrives_whole()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await LongPollClient.OpenAsync(app.Address);
        await client.PostAsync("""["1","1","room:a","phx_join",{}]""");
        await client.ReadAsync(1);
        // Characters of one to four bytes, which the pieces cut apart, and what is escaped twice.
        var text = string.Concat(Enumerable.Repeat("xæ€😀\\\"", 30_000));

        app.Endpoint.Broadcast("room:a", "news", Payload.FromJson($$"""{"text":"{{text}}"}"""));
        var answer = await client.PollAsync();

        Assert.Equal($$"""[null,null,"room:a","news",{"text":"{{text}}"}]""", Assert.Single(answer.Messages));
        Assert.False(answer.Headers.ContainsKey("content-length"));
    }

    private static Payload Text(int length) =>
        Payload.FromJson($$"""{"text":"{{new string('x', length)}}"}""");
}
