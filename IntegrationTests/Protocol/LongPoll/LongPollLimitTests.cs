using System.Net;
using System.Text;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Protocol.LongPoll;

/// <summary>
/// The limits of long-poll sessions: their number, and the bytes that wait for one. A refused client gets an answer
/// that is not JSON. phoenix.js treats it as a fault of the server and tries again (docs/protocol.md, "Answers").
/// </summary>
public sealed class LongPollLimitTests
{
    private const string Join = """["1","1","room:a","phx_join",{}]""";

    [Fact]
    public async Task Client_without_room_gets_503_until_a_session_ends()
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
        await one.PostAsync(); // on the connection of the poll, so the server is done with the poll
        time.Advance(TimeSpan.FromSeconds(15)); // neither client polls
        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
        while ((await three.PollAsync()).Status == 0)
        {
            // The place is given back just after the channels have been notified.
        }

        Assert.Equal((HttpStatusCode.ServiceUnavailable, ""), (refused.HttpStatus, refused.Body));
        Assert.Equal(200, served.Status);
        Assert.NotNull(three.Token);
    }

    [Fact]
    public async Task Clients_beyond_the_limit_of_their_address_get_429()
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
    public async Task Refused_client_takes_no_place()
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
    public async Task Session_with_too_many_waiting_bytes_ends_and_drops_them()
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
    public async Task Received_messages_no_longer_count()
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

    // Otherwise each client would have a copy of a snapshot that many share, even if it does not read it.
    [Fact]
    public async Task Long_message_is_encoded_piece_by_piece_and_arrives_whole()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await LongPollClient.OpenAsync(app.Address);
        await client.PostAsync("""["1","1","room:a","phx_join",{}]""");
        await client.ReadAsync(1);
        // Characters of one to four bytes, which the pieces cut apart, and characters that are escaped twice.
        var text = string.Concat(Enumerable.Repeat("xæ€😀\\\"", 30_000));

        app.Endpoint.Broadcast("room:a", "news", Payload.FromJson($$"""{"text":"{{text}}"}"""));
        var answer = await client.PollAsync();

        Assert.Equal($$"""[null,null,"room:a","news",{"text":"{{text}}"}]""", Assert.Single(answer.Messages));
        Assert.False(answer.Headers.ContainsKey("content-length"));
    }

    private static Payload Text(int length) =>
        Payload.FromJson(Encoding.UTF8.GetBytes($$"""{"text":"{{new string('x', length)}}"}"""));
}
