using Kaffediem.IntegrationTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Protocol.LongPoll;

/// <summary>
/// The token: docs/protocol.md, "Tokens"; phoenix@167c469 long_poll_socket_test.exs 164, 175. For its part in the
/// delivery of messages see <see cref="LongPollDeliveryTests"/>.
/// </summary>
public sealed class LongPollTokenTests
{
    private const string Heartbeat = """[null,"1","phoenix","heartbeat",{}]""";
    private const string Reply = """[null,"1","phoenix","phx_reply",{"status":"ok","response":{}}]""";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Token_may_be_in_the_query_or_in_a_header(bool isInHeader)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = new LongPollClient(app.Address) { ShowsTokenInHeader = isInHeader };
        await client.PollAsync();

        await client.PostAsync(Heartbeat);

        Assert.Equal([Reply], await client.ReadAsync(1));
    }

    [Fact]
    public async Task Header_wins_over_a_stale_token_in_the_query()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var stale = await LongPollClient.OpenAsync(app.Address);
        using var client = new LongPollClient(app.Address, $"vsn=2.0.0&token={stale.Token}")
        {
            ShowsTokenInHeader = true,
        };
        using var opened = await LongPollClient.OpenAsync(app.Address);
        client.Token = opened.Token;

        await client.PostAsync(Heartbeat);

        Assert.Equal([Reply], await client.ReadAsync(1));
        await stale.PostAsync(Heartbeat.Replace('1', '2'));
        Assert.Equal([Reply.Replace('1', '2')], await stale.ReadAsync(1));
    }

    // phoenix.js up to 1.8 puts the token of the session behind the params, where the application may have a token of
    // its own.
    [Fact]
    public async Task Last_token_in_the_query_counts()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await LongPollClient.OpenAsync(app.Address, "vsn=2.0.0&token=the-applications-own");

        await client.PostAsync(Heartbeat);

        Assert.Equal([Reply], await client.ReadAsync(1));
    }

    [Theory]
    [InlineData("")]
    [InlineData("&")]
    [InlineData("&token=")]
    [InlineData("&token=x")]
    [InlineData("&token[]=x")]
    [InlineData("&token[a]=x")]
    [InlineData("&token=SFMyNTY.g2gDaAJhAXQAAAABdwVyb29tcw.AAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("&token=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Malformed_token_drops_the_post_and_a_poll_opens_a_new_session(string query)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = new LongPollClient(app.Address, "vsn=2.0.0" + query);

        Assert.Equal("""{"status":410}""", (await client.PostAsync(Heartbeat)).Body);
        Assert.Equal(410, (await client.PollAsync()).Status);
        await client.PostAsync(Heartbeat);
        Assert.Equal([Reply], await client.ReadAsync(1));
    }

    [Fact]
    public async Task Token_with_one_changed_character_is_invalid()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await LongPollClient.OpenAsync(app.Address);
        var token = client.Token!;

        for (var i = 0; i < token.Length; i++)
        {
            var changed = token[i] == 'Q' ? 'g' : 'Q'; // differs in significant bits, even in the last character
            client.Token = token[..i] + changed + token[(i + 1)..];
            Assert.Equal(410, (await client.PostAsync(Heartbeat)).Status);
        }

        client.Token = token;
        Assert.Equal(200, (await client.PostAsync(Heartbeat)).Status);
    }

    [Fact]
    public async Task Token_of_another_server_is_invalid()
    {
        await using var app = await PhoenixApp.StartAsync();
        await using var other = await PhoenixApp.StartAsync();
        using var foreign = await LongPollClient.OpenAsync(other.Address);
        using var client = new LongPollClient(app.Address) { Token = foreign.Token };

        Assert.Equal(410, (await client.PostAsync(Heartbeat)).Status);
        Assert.Equal(410, (await client.PollAsync()).Status);
    }

    [Fact]
    public async Task Token_is_valid_for_14_days()
    {
        var day = TimeSpan.FromDays(1);
        var time = new FakeTimeProvider();
        await using var app = await PhoenixApp.StartAsync(
            options => options.LongPollWindow = options.IdleTimeout = options.StallTimeout = day, time: time);
        using var client = await LongPollClient.OpenAsync(app.Address);
        using var old = client.OnAnotherConnection();

        for (var i = 1; i <= 14; i++)
        {
            Assert.Equal(200, (await old.PostAsync(Heartbeat)).Status);
            Assert.Equal([Reply], await client.ReadAsync(1));
            time.Advance(day);
        }

        Assert.Equal(410, (await old.PostAsync(Heartbeat)).Status);
        Assert.Equal(410, (await old.PollAsync()).Status);
        Assert.Equal(200, (await client.PostAsync(Heartbeat)).Status);
    }
}
