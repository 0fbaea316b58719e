using System.Text;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Protocol.LongPoll;

/// <summary>
/// Every message arrives once, even when an answer is lost. Phoenix loses the messages that it flushes into an aborted
/// request (docs/protocol.md, "Delivery"); this server sends them again. The client's token states which messages it
/// has received.
/// </summary>
public sealed class LongPollDeliveryTests
{
    private const int Rounds = 200;
    private const string Joined = """["1","1","room:a","phx_reply",{"status":"ok","response":{}}]""";
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Messages_arrive_once_and_in_order_over_many_polls()
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxOutboxBytes = 64 * 1024 * 1024);
        using var client = await JoinAsync(app);

        var broadcasting = Task.Run(() =>
        {
            for (var i = 0; i < 5000; i++)
            {
                Announce(app, i);
            }
        });

        Assert.Equal(Enumerable.Range(0, 5000).Select(News), await client.ReadAsync(5000));
        await broadcasting;
        await AssertSilentAsync(client);
    }

    [Fact]
    public async Task Message_after_an_aborted_poll_is_sent_with_the_next_poll()
    {
        var time = new WatchedTime();
        await using var app = await PhoenixApp.StartAsync(time: time);
        using var client = await JoinAsync(app);

        for (var i = 0; i < Rounds; i++)
        {
            using var abort = new CancellationTokenSource();
            var waits = time.NextTimerAsync(Window);
            var poll = client.PollAsync(abort.Token);
            await waits;
            await abort.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => poll);
            Announce(app, i);

            Assert.Equal([News(i)], await client.ReadAsync(1));
        }

        await AssertSilentAsync(client);
    }

    // All requests of a client share one HTTP/2 connection, including those that it aborts.
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Message_during_the_abort_of_a_poll_is_received_once(bool isFirstPoll, bool isHttp2)
    {
        await using var app = await PhoenixApp.StartAsync(useTls: isHttp2);
        using var known = await JoinAsync(app);

        for (var i = 0; i < Rounds; i++)
        {
            using var unpolled = isFirstPoll ? await JoinUnpolledAsync(app) : null;
            var client = unpolled ?? known;
            string[] expected = isFirstPoll ? [Joined, News(i)] : [News(i)];
            using var abort = new CancellationTokenSource();
            var poll = TryPollAsync(client, abort.Token);
            var announcing = Task.Run(() => Announce(app, i));
            await Task.Run(abort.Cancel);
            await announcing;
            List<string> received = [.. await poll];

            using var other = isHttp2 ? null : client.OnAnotherConnection();
            var following = other ?? client;
            received.AddRange(await following.ReadAsync(expected.Length - received.Count));

            Assert.Equal(expected, received);
            await AssertSilentAsync(following);
            client.Token = following.Token;
        }
    }

    [Fact]
    public async Task Message_while_the_connection_breaks_is_received_once()
    {
        var time = new WatchedTime();
        await using var app = await PhoenixApp.StartAsync(time: time);
        using var client = await JoinAsync(app);

        for (var i = 0; i < Rounds; i++)
        {
            var waits = time.NextTimerAsync(Window);
            using (var poll = await RawRequest.SendAsync(app.Address, PathOf(client), "\r\n"))
            {
                await waits;
                var announcing = Task.Run(() => Announce(app, i));
                poll.Reset();
                poll.Dispose();
                await announcing;
            }

            Assert.Equal([News(i)], await client.ReadAsync(1));
            await AssertSilentAsync(client);
        }
    }

    // The server has sent the whole answer; only the client knows that it did not arrive.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Lost_answer_is_sent_again(bool isFirstPoll)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = isFirstPoll ? await JoinUnpolledAsync(app) : await JoinAsync(app);
        string[] expected = isFirstPoll ? [Joined, News(1), News(2)] : [News(1), News(2)];
        Announce(app, 1);
        using (var poll = await RawRequest.SendAsync(app.Address, PathOf(client), "\r\n"))
        {
            await poll.HasAnswerAsync();
            poll.Reset();
        }

        Announce(app, 2);

        Assert.Equal(expected, await client.ReadAsync(expected.Length));
        await AssertSilentAsync(client);
    }

    // The proxy lost its connection to the client, but sends the client's next request on the same one to the server.
    [Fact]
    public async Task First_answer_that_a_proxy_lost_is_sent_again_on_the_same_connection()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var proxy = await JoinUnpolledAsync(app);
        var opening = proxy.Token;
        Announce(app, 1);
        Assert.Equal([Joined, News(1)], await proxy.ReadAsync(2));
        proxy.Token = opening;
        Announce(app, 2);

        Assert.Equal([Joined, News(1), News(2)], await proxy.ReadAsync(3));
        await AssertSilentAsync(proxy);
    }

    // A client that always sends its first token proves nothing with it, so an answer that may have arrived is followed
    // by an empty one. Here the server knows that the answer did not arrive, because the connection broke during the
    // write.
    [Fact]
    public async Task Answer_that_could_not_be_written_is_sent_again_at_once()
    {
        using var ended = new SemaphoreSlim(0);
        await using var app = await PhoenixApp.StartAsync(
            options => options.MaxOutboxBytes = 64 * 1024 * 1024,
            time: new FakeTimeProvider(),
            configureApp: app => app.Use(async (context, next) =>
            {
                await next(context);
                if (context.Request.Headers.ContainsKey("X-Breaks"))
                {
                    ended.Release();
                }
            }));
        using var client = await JoinUnpolledAsync(app);
        app.Endpoint.Broadcast("room:a", "news", Payload.FromJson(
            Encoding.UTF8.GetBytes($$"""{"text":"{{new string('x', 32_000_000)}}"}""")));
        using (var poll = await RawRequest.SendAsync(app.Address, PathOf(client), "X-Breaks: yes", "\r\n"))
        {
            await poll.HasAnswerAsync();
            poll.Reset();
        }

        Assert.True(await ended.WaitAsync(Patience.Limit));
        using var other = client.OnAnotherConnection();
        Assert.Equal([Joined], (await other.PollAsync()).Messages.Take(1));
    }

    [Fact]
    public async Task Old_token_gets_the_messages_after_it()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await JoinAsync(app);
        using var repeating = client.OnAnotherConnection();
        Announce(app, 1);
        Assert.Equal([News(1)], await client.ReadAsync(1));
        Announce(app, 2);

        Assert.Equal([News(1), News(2)], await repeating.ReadAsync(2));
        await AssertSilentAsync(repeating);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Client_that_always_sends_its_first_token_gets_each_message_once(bool onOtherConnections)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await JoinUnpolledAsync(app);
        var token = client.Token;

        List<string> received = [];
        for (var i = 0; i < Rounds; i++)
        {
            Announce(app, i);
            while (received.Count <= i + 1)
            {
                using var other = onOtherConnections ? client.OnAnotherConnection() : null;
                received.AddRange((await (other ?? client).PollAsync()).Messages);
                client.Token = token;
            }
        }

        Assert.Equal([Joined, .. Enumerable.Range(0, Rounds).Select(News)], received);
    }

    // The client has only the token of the opening, and the reply to its join waits for it.
    private static async Task<LongPollClient> JoinUnpolledAsync(PhoenixApp app)
    {
        var client = await LongPollClient.OpenAsync(app.Address);
        await client.PostAsync(
            """["1","1","room:a","phx_join",{}]""", """["1","2","room:a","wait",{"gate":"never"}]""");
        Assert.Equal("waiting room:a", app.State.NextEvent()); // so the join has been answered
        return client;
    }

    private static async Task<LongPollClient> JoinAsync(PhoenixApp app)
    {
        var client = await LongPollClient.OpenAsync(app.Address);
        await client.PostAsync("""["1","1","room:a","phx_join",{}]""");
        Assert.Equal([Joined], await client.ReadAsync(1));
        return client;
    }

    private static async Task<IReadOnlyList<string>> TryPollAsync(
        LongPollClient client, CancellationToken cancellationToken)
    {
        try
        {
            return (await client.PollAsync(cancellationToken)).Messages;
        }
        catch (OperationCanceledException)
        {
            return [];
        }
    }

    private static async Task AssertSilentAsync(LongPollClient client)
    {
        await client.PostAsync("""[null,"hb","phoenix","heartbeat",{}]""");
        Assert.Equal(
            ["""[null,"hb","phoenix","phx_reply",{"status":"ok","response":{}}]"""], await client.ReadAsync(1));
    }

    private static string PathOf(LongPollClient client) => $"GET /socket/longpoll?vsn=2.0.0&token={client.Token}";

    private static void Announce(PhoenixApp app, int n) =>
        app.Endpoint.Broadcast("room:a", "news", Payload.FromJson(Encoding.UTF8.GetBytes($$"""{"n":{{n}}}""")));

    private static string News(int n) => $$$"""[null,null,"room:a","news",{"n":{{{n}}}}]""";
}
