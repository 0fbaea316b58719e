using System.Net;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol.LongPoll;

/// <summary>
/// The headers of every answer, and refusals: docs/protocol.md, "Answers"; phoenix@167c469 long_poll_channels_test.exs
/// 794, 919, 932, long_poll_socket_test.exs 125, 191.
/// </summary>
public sealed class LongPollAnswerTests
{
    private const string Heartbeat = """[null,"1","phoenix","heartbeat",{}]""";

    [Fact]
    public async Task Every_answer_may_be_read_by_any_page_and_stored_by_no_cache()
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxConnections = 1);
        app.Logs.Expect("REFUSED a connection");
        using var client = new LongPollClient(app.Address);
        using var badVersion = new LongPollClient(app.Address, "vsn=3.0.0");

        (PollAnswer Answer, HttpStatusCode HttpStatus, int Status)[] answers =
        [
            (await badVersion.PollAsync(), HttpStatusCode.OK, 403),
            (await client.PollAsync(), HttpStatusCode.OK, 410),
            (await client.PostAsync(Heartbeat), HttpStatusCode.OK, 200),
            (await client.PollAsync(), HttpStatusCode.OK, 200),
            (await badVersion.PostAsync(Heartbeat), HttpStatusCode.OK, 410),
            (await badVersion.SendAsync("GET", headers: ("Origin", "http://other.example")), HttpStatusCode.OK, 403),
            (await badVersion.PollAsync(), HttpStatusCode.ServiceUnavailable, 0),
            (await client.SendAsync("PUT"), HttpStatusCode.BadRequest, 0),
            (await client.SendAsync("OPTIONS"), HttpStatusCode.OK, 0),
        ];

        foreach (var (answer, httpStatus, status) in answers)
        {
            Assert.Equal((httpStatus, status), (answer.HttpStatus, answer.Status));
            Assert.Equal("*", answer.Headers["access-control-allow-origin"]);
            Assert.Equal("no-store, no-transform", answer.Headers["cache-control"]);
            Assert.Equal(
                answer.Body.Length > 0 ? "application/json; charset=utf-8" : null,
                answer.Headers.GetValueOrDefault("content-type"));
        }
    }

    [Fact]
    public async Task OPTIONS_allows_the_requested_headers()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = new LongPollClient(app.Address);

        var plain = await client.SendAsync("OPTIONS");
        var asked = await client.SendAsync(
            "OPTIONS", headers: ("Access-Control-Request-Headers", "content-type, x-phoenix-authtoken"));

        Assert.Equal("", plain.Headers.GetValueOrDefault("access-control-allow-headers", ""));
        Assert.Equal("content-type, x-phoenix-authtoken", asked.Headers["access-control-allow-headers"]);
        Assert.Equal("get, post, options", asked.Headers["access-control-allow-methods"]);
        Assert.Equal("3600", asked.Headers["access-control-max-age"]);
        Assert.Equal("", asked.Body);
    }

    [Fact] // found by fuzzing: the answer was a 500, since such a header cannot be written
    public async Task OPTIONS_does_not_allow_malformed_header_names()
    {
        await using var app = await PhoenixApp.StartAsync();

        using var answer = await ConnectAttempt.SendAsync(
            app, "OPTIONS", "/socket/longpoll", null, ("Access-Control-Request-Headers", "content-type, \u00E6"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Headers"));
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    [InlineData("HEAD")]
    [InlineData("BREW")]
    public async Task Any_other_method_returns_400_without_a_body(string method)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await LongPollClient.OpenAsync(app.Address);

        var answer = await client.SendAsync(method);

        Assert.Equal((HttpStatusCode.BadRequest, ""), (answer.HttpStatus, answer.Body));
        Assert.Equal(200, (await client.PostAsync(Heartbeat)).Status);
    }

    [Theory]
    [InlineData("vsn=123.1.1")]
    [InlineData("vsn=2.0")]
    [InlineData("vsn[]=2.0.0")]
    public async Task Unsupported_version_is_refused_with_403(string query)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = new LongPollClient(app.Address, query);

        var answer = await client.PollAsync();

        Assert.Equal((HttpStatusCode.OK, """{"status":403}"""), (answer.HttpStatus, answer.Body));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    [InlineData("OPTIONS")]
    public async Task Page_of_a_foreign_origin_is_refused_with_403_for_every_method(string method)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await LongPollClient.OpenAsync(app.Address);

        foreach (var origin in new[] { "http://elsewhere.example", "null" })
        {
            var answer = await client.SendAsync(method, headers: ("Origin", origin));

            Assert.Equal((HttpStatusCode.OK, 403), (answer.HttpStatus, answer.Status));
            Assert.StartsWith(
                $$"""{"status":403,"reason":"The origin {{origin}} is not allowed: """,
                answer.Body,
                StringComparison.Ordinal);
        }

        var own = app.Address.GetLeftPart(UriPartial.Authority);
        Assert.Equal(410, (await new LongPollClient(app.Address).SendAsync("GET", headers: ("Origin", own))).Status);
    }
}
