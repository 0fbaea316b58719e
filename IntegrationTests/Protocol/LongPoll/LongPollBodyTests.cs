using System.Net;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol.LongPoll;

/// <summary>
/// The body of a POST: docs/protocol.md, "POST bodies"; phoenix@167c469 long_poll_channels_test.exs 613, 745.
/// </summary>
public sealed class LongPollBodyTests
{
    private const string Batch = "application/x-ndjson";

    [Theory]
    [InlineData("\n", "")]
    [InlineData("\r\n", "")]
    [InlineData("\n", "\n")]
    [InlineData("\n\r\n\n", "\r\n\r\n")]
    public async Task Each_line_of_a_batch_is_a_message(string lineBreak, string end)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await LongPollClient.OpenAsync(app.Address);

        var posted = await client.PostBodyAsync(string.Join(lineBreak, Numbers(1, 3).Select(Heartbeat)) + end, Batch);

        Assert.Equal(200, posted.Status);
        Assert.Equal(Numbers(1, 3).Select(Reply), await client.ReadAsync(3));
    }

    [Fact]
    public async Task Messages_of_a_batch_are_handled_in_order()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await LongPollClient.OpenAsync(app.Address);

        await client.PostAsync(
            """["1","1","room:a","phx_join",{}]""",
            """["1","2","room:a","echo",{"n":1}]""",
            """["1","3","room:a","phx_leave",{}]""",
            """["4","4","room:a","phx_join",{}]""",
            """["4","5","room:a","echo",{"n":2}]""",
            """["1","6","room:a","echo",{"n":3}]""", // stale
            """["4","7","room:a","echo",{"n":4}]""");

        Assert.Equal(
            [
                """["1","1","room:a","phx_reply",{"status":"ok","response":{}}]""",
                """["1","2","room:a","phx_reply",{"status":"ok","response":{"n":1}}]""",
                """["1","3","room:a","phx_reply",{"status":"ok","response":{}}]""",
                """["1","1","room:a","phx_close",{}]""",
                """["4","4","room:a","phx_reply",{"status":"ok","response":{}}]""",
                """["4","5","room:a","phx_reply",{"status":"ok","response":{"n":2}}]""",
                """["4","7","room:a","phx_reply",{"status":"ok","response":{"n":4}}]""",
            ],
            await client.ReadAsync(7));
    }

    // long_poll_channels_test.exs 723: "publish responds with 408 when transport_dispatch times out".
    [Fact]
    public async Task Join_that_takes_longer_than_the_window_returns_408_and_the_rest_of_the_batch_is_skipped()
    {
        var time = new WatchedTime();
        await using var app = await PhoenixApp.StartAsync(time: time);
        using var client = await LongPollClient.OpenAsync(app.Address);
        var patience = time.NextTimerAsync(TimeSpan.FromSeconds(10));

        var posting = client.PostAsync("""["1","1","room:a","phx_join",{"wait":"g"}]""", Heartbeat(1));
        Assert.Equal("joining room:a", app.State.NextEvent());
        await patience;
        time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(408, (await posting).Status);
        app.State.Open("g");
        await client.PostAsync(Heartbeat(2));
        var received = await client.ReadAsync(2);
        // The join continues, as in Phoenix.
        Assert.Contains("""["1","1","room:a","phx_reply",{"status":"ok","response":{}}]""", received);
        Assert.Contains(Reply(2), received);
    }

    [Fact]
    public async Task Batches_sent_at_the_same_time_do_not_mix()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await LongPollClient.OpenAsync(app.Address);

        await Task.WhenAll(Numbers(0, 20).Select(batch => client.PostAsync(Numbers(batch * 50, 50).Select(Heartbeat))));

        var replies = await client.ReadAsync(1000);
        foreach (var batch in replies.Chunk(50))
        {
            var first = Numbers(0, 20).Select(number => number * 50).Single(number => Reply(number) == batch[0]);
            Assert.Equal(Numbers(first, 50).Select(Reply), batch);
        }

        Assert.Equal(1000, replies.Distinct().Count());
    }

    // CVE-2026-32689.
    [Fact]
    public async Task Only_the_first_100_lines_of_a_batch_count()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await LongPollClient.OpenAsync(app.Address);

        var posted = await client.PostAsync(
            [.. Numbers(1, 100).Select(Heartbeat), "rubbish", .. Numbers(102, 5000).Select(Heartbeat)]);
        await client.PostAsync(Heartbeat(6000));

        Assert.Equal(200, posted.Status);
        Assert.Equal([.. Numbers(1, 100).Select(Reply), Reply(6000)], await client.ReadAsync(101));
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/plain;charset=UTF-8")]
    [InlineData("application/x-ndjson; charset=utf-8")]
    [InlineData("application/x-ndjson;")]
    [InlineData("Application/X-NDJSON")]
    [InlineData("application/ndjson")]
    [InlineData(null)]
    public async Task Body_of_any_other_content_type_is_one_message(string? contentType)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await LongPollClient.OpenAsync(app.Address);

        var one = await client.PostBodyAsync(" [null,\r\n1,\n\"phoenix\",\"heartbeat\",\n{}]\n", contentType);
        var replies = await client.ReadAsync(1);
        var two = await client.PostBodyAsync($"{Heartbeat(2)}\n{Heartbeat(3)}", contentType);

        Assert.Equal(200, one.Status);
        Assert.Equal([Reply(1)], replies);
        Assert.Equal(410, two.Status);
    }

    // 00 | joinRefLen refLen topicLen eventLen | joinRef ref topic event | data
    [Fact]
    public async Task Line_without_a_bracket_is_the_base64_of_a_binary_frame()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await LongPollClient.OpenAsync(app.Address);

        await client.PostAsync(
            Convert.ToBase64String("\0\u0000\u0001\u0007\u00091phoenixheartbeat"u8),
            """["1","2","binary:a","phx_join",{}]""",
            Convert.ToBase64String("\0\u0001\u0001\u0008\u000613binary:alength\0\n\r"u8),
            Heartbeat(4));

        Assert.Equal(
            [
                """[null,"1","phoenix","phx_reply",{"status":"ok","response":{}}]""",
                Reply(4), // from the socket itself, so no topic delays it
                """["1","2","binary:a","phx_reply",{"status":"ok","response":{}}]""",
                """["1","3","binary:a","phx_reply",{"status":"ok","response":{"length":3}}]""",
            ],
            (await client.ReadAsync(4)).OrderBy(reply => reply.Contains("binary:a", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("rubbish")]
    [InlineData("[]")]
    [InlineData("AA==")] // a binary frame, but too short
    [InlineData("AgUFdG9waWNldmVudA==")] // a broadcast, a kind that only servers send
    // V1 has no batches of lines.
    [InlineData("{\"topic\":\"phoenix\",\"event\":\"heartbeat\",\"payload\":{},\"ref\":\"1\"}")]
    public async Task Malformed_line_ends_the_session_but_earlier_lines_are_handled(string line)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await LongPollClient.OpenAsync(app.Address);
        await client.PostAsync("""["1","1","room:a","phx_join",{}]""");
        await client.ReadAsync(1);

        var posted = await client.PostAsync(Heartbeat(2), line, Heartbeat(3));

        Assert.Equal("""{"status":410}""", posted.Body);
        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
        Assert.Equal("""{"status":410}""", (await client.PostAsync(Heartbeat(4))).Body);
        Assert.Equal([Reply(2)], await client.ReadAsync(1)); // the last messages of the session
        Assert.Equal(410, (await client.PollAsync()).Status);
    }

    [Fact]
    public async Task Empty_batch_is_accepted_but_an_empty_message_is_malformed()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await LongPollClient.OpenAsync(app.Address);

        Assert.Equal(200, (await client.PostBodyAsync("", Batch)).Status);
        Assert.Equal(410, (await client.PostBodyAsync("", "application/json")).Status);
    }

    [Theory]
    [InlineData(Batch)]
    [InlineData("application/json")]
    public async Task Message_that_is_too_long_ends_the_session(string contentType)
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxMessageBytes = 10_000);
        using var client = await LongPollClient.OpenAsync(app.Address);
        var fits = """[null,1,"phoenix","heartbeat",{"a":"#"}]""";
        fits = fits.Replace("#", new string('x', 10_001 - fits.Length), StringComparison.Ordinal);

        var posted = await client.PostBodyAsync(fits, contentType);
        var replies = await client.ReadAsync(1);
        var tooLong = await client.PostBodyAsync(fits + " ", contentType);

        Assert.Equal(200, posted.Status);
        Assert.Equal([Reply(1)], replies);
        Assert.Equal(410, tooLong.Status);
        Assert.Equal(410, (await client.PollAsync()).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Body_over_8_MB_returns_400(bool isChunked)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await LongPollClient.OpenAsync(app.Address);

        var fits = await client.SendAsync("POST", Lines(8_000_000, isChunked));
        var tooLong = await client.SendAsync("POST", Lines(8_000_001, isChunked));
        await client.PostAsync(Heartbeat(1));

        Assert.Equal(200, fits.Status);
        Assert.Equal((HttpStatusCode.BadRequest, ""), (tooLong.HttpStatus, tooLong.Body));
        Assert.Equal([Reply(1)], await client.ReadAsync(1)); // the session continues
    }

    [Fact]
    public async Task Body_that_breaks_off_does_not_end_the_session()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await LongPollClient.OpenAsync(app.Address);

        await RawRequest.BreakOffAsync(app.Address, $"POST /socket/longpoll?vsn=2.0.0&token={client.Token}");

        await client.PostAsync(Heartbeat(1));
        Assert.Equal([Reply(1)], await client.ReadAsync(1));
    }

    [Fact]
    public async Task Client_that_sends_too_much_gets_an_error_and_its_session_ends()
    {
        await using var app = await PhoenixApp.StartAsync(
            options => options.MaxMessageBurst = 10, time: new WatchedTime());
        using var client = await LongPollClient.OpenAsync(app.Address);

        await client.PostAsync(Numbers(1, 12).Select(Heartbeat));

        const string Error = """{"status":"error","response":{"reason":"too many messages"}}""";
        Assert.Equal(
            [.. Numbers(1, 10).Select(Reply), $"""[null,11,"phoenix","phx_reply",{Error}]"""],
            await client.ReadAsync(11));
        Assert.Equal(410, (await client.PollAsync()).Status);
    }

    private static IEnumerable<int> Numbers(int first, int count) => Enumerable.Range(first, count);

    private static string Heartbeat(int @ref) => $$"""[null,{{@ref}},"phoenix","heartbeat",{}]""";

    private static string Reply(int @ref) =>
        $$$"""[null,{{{@ref}}},"phoenix","phx_reply",{"status":"ok","response":{}}]""";

    // Empty lines are skipped, so they are the cheapest way to make a long body.
    private static HttpContent Lines(int length, bool isChunked)
    {
        var lines = new byte[length];
        Array.Fill(lines, (byte)'\n');
        HttpContent content = isChunked ? new StreamContent(new UnseekableStream(lines)) : new ByteArrayContent(lines);
        content.Headers.TryAddWithoutValidation("Content-Type", Batch);
        return content;
    }
}
