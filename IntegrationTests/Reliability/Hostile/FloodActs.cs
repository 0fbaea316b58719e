using Kaffediem.IntegrationTests.Support;
using static Kaffediem.IntegrationTests.Support.FrameClient;
using static Kaffediem.IntegrationTests.Support.Framing;

namespace Kaffediem.IntegrationTests.Reliability.Hostile;

/// <summary>Too many of what each alone would be fine.</summary>
internal static class FloodActs
{
    private const int Storm = 200; // joins of one socket, each with a leave: together within what a socket may send

    private static readonly int Floods = TestSettings.Pick(quick: 2, full: 10, @long: 50);
    private static readonly int Silent = TestSettings.Pick(quick: 200, full: 2000, @long: 5000);

    public static IEnumerable<HostileAct> All =>
    [
        Flood("a flood of heartbeats", i => $$"""[null,"{{i}}","phoenix","heartbeat",{}]"""),
        Flood("a flood of messages to a channel", i => $$"""["1","{{i}}","collection:order","kaffe?",{}]"""),
        Flood(
            "a flood of joins of one topic",
            i => $$"""["{{i}}","{{i}}","collection:status","phx_join",{}]""",
            otherwise: 1008),
        Flood(
            "a flood of reloads of a whole list",
            i => $$"""["1","{{i}}","collection:order","reload",{}]""",
            otherwise: 1013),
        HostileAct.Repeated("a flood of pings", "closed with 1008", company => EachAsync(async () =>
        {
            using var client = await HostileSocket.JoinedAsync(company.Address);
            await client.SendRawAsync([.. Enumerable.Repeat(Frame(Ping, [1]), 5000).SelectMany(frame => frame)]);
            Assert.Equal(1008, (await client.ReadLastAsync()).Code);
        })),
        HostileAct.Repeated("a flood over long-poll", "an error: too many messages, and 410", FloodPollAsync),
        HostileAct.Repeated("join/leave storms", "each join and leave is answered with ok", company =>
            EachAsync(() => StormAsync(company))),
        HostileAct.Repeated("connections that are made and broken off at once", "nothing", company =>
            Parallel.ForEachAsync(Enumerable.Range(0, 200), async (_, _) =>
            {
                using var client = await FrameClient.ConnectAsync(company.Address);
                await client.SendTextAsync(HostileSocket.JoinOrders);
                client.Reset();
            })),
        HostileAct.Repeated("long-poll sessions, opened and left", "410, a token", company =>
            Parallel.ForEachAsync(Enumerable.Range(0, 50), async (_, _) =>
            {
                using var client = await LongPollClient.OpenAsync(company.Address);
            })),
        new($"{Silent} connections that say nothing", "nothing; closed after 130 s", SayNothingAsync),
        new("half-closed connections, WebSocket and HTTP", "the end, at once", HalfCloseAsync),
    ];

    private static Task EachAsync(Func<Task> act) => Task.WhenAll(Enumerable.Range(0, Floods).Select(_ => act()));

    // A thousand joins that wait, or 16 MiB of answers that are not read as fast, may be the end before the rate is.
    private static HostileAct Flood(string name, Func<int, string> message, int otherwise = 0) => HostileAct.Repeated(
        name,
        "an error: too many messages, and closed with 1008"
            + (otherwise > 0 ? $"; or with {otherwise}, if that comes first" : ""),
        company => EachAsync(async () =>
        {
            using var client = await HostileSocket.JoinedAsync(company.Address);
            var reading = client.ReadLastAsync("too many messages");
            try
            {
                await client.SendTextAsync([.. Enumerable.Range(2, 5000).Select(message)]);
            }
            catch (IOException)
            {
                // It was thrown out before it had said everything.
            }

            var (code, wasTold) = await reading;
            Assert.True(code == otherwise || (code, wasTold) == (1008, true), $"closed with {code}, told: {wasTold}");
        }));

    private static async Task FloodPollAsync(HonestCompany company)
    {
        using var client = await LongPollClient.OpenAsync(company.Address);
        company.Keep(client.Token!);
        PollAnswer answer;
        var sent = 0;
        do
        {
            answer = await client.PostAsync(Enumerable.Repeat("""[null,"1","phoenix","heartbeat",{}]""", 100));
            sent += 100;
            Assert.True(sent < 50_000, "It may send whatever it likes.");
        }
        while (answer.Status == 200);
        Assert.Equal(410, answer.Status);
        Assert.Contains("too many messages", (await client.PollAsync()).Messages[^1], StringComparison.Ordinal);
    }

    private static async Task StormAsync(HonestCompany company)
    {
        using var client = await FrameClient.ConnectAsync(company.Address);
        await client.SendTextAsync([.. Enumerable.Range(0, Storm).SelectMany<int, string>(i =>
        [
            $$"""["{{i}}","{{i}}j","collection:order","phx_join",{}]""",
            $$"""["{{i}}","{{i}}l","collection:order","phx_leave",{}]""",
        ])]);
        var replies = await client.ReadRepliesAsync(2 * Storm);
        Assert.All(replies, reply => Assert.Equal("ok", reply.Status));
    }

    private static async Task SayNothingAsync(HonestCompany company)
    {
        List<RawLine> lines = [];
        for (var i = 0; i < Silent; i++)
        {
            lines.Add(await RawLine.ConnectAsync(company.Address));
        }

        await company.ServeAsync();
        if (TestSettings.IsLong)
        {
            Assert.All(await Task.WhenAll(lines.Select(line => line.ReadToEndAsync())), text => Assert.Equal("", text));
        }

        lines.ForEach(line => line.Dispose());
    }

    private static async Task HalfCloseAsync(HonestCompany company)
    {
        List<FrameClient> sockets = [];
        for (var i = 0; i < 100; i++)
        {
            sockets.Add(await HostileSocket.JoinedAsync(company.Address));
            sockets[^1].EndSending();
        }

        await company.ServeAsync();
        foreach (var socket in sockets)
        {
            while (await socket.ReadFrameAsync() is { } frame)
            {
                Assert.NotEqual(Close, frame.Opcode);
            }

            socket.Dispose();
        }

        // Kestrel drops a connection whose other end says nothing more, answered or not.
        await RawLine.ExchangeAsync(company.Address, "GET /health HTTP/1.1\r\nHost: shop\r\n\r\n", endsSending: true);
    }
}
