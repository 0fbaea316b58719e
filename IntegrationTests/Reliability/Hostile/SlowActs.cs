using System.Diagnostics;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Hostile;

/// <summary>Those that take their time: each holds something of the server's until its patience is at an end.</summary>
internal static class SlowActs
{
    private const string Host = "Host: shop\r\n";

    private const string Upgrade =
        $"GET /socket/websocket?vsn=2.0.0 HTTP/1.1\r\n{Host}Connection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    private static readonly int Many = TestSettings.Pick(quick: 10, full: 50, @long: 500);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SessionLife = TimeSpan.FromSeconds(15); // without a poll

    public static IEnumerable<HostileAct> All =>
    [
        Slow("slow headers of an HTTP request, a byte a second", "408 after 30 s", company =>
            DripAsync(company, $"GET /health HTTP/1.1\r\n{Host}X-Slow: ", "HTTP/1.1 408 ")),
        Slow("slow headers of a WebSocket's upgrade", "408 after 30 s", company =>
            DripAsync(company, Upgrade + "X-Slow: ", "HTTP/1.1 408 ")),
        Slow("a slow request line", "408 after 30 s", company => DripAsync(company, "GET /", "HTTP/1.1 408 ")),
        Slow("a slow body of a record, a byte a second", "408 after 5 s", company =>
            DripAsync(
                company, PostHead(ShopFolder.Orders, company.GuestCookie) + """{"items":""" + "\"", "HTTP/1.1 408 ")),
        Slow("a slow body of a sign-in", "408 after 5 s", company =>
            DripAsync(company, PostHead("/api/session") + """{"email":""" + "\"", "HTTP/1.1 408 ")),
        Slow("a slow body of a long-poll POST", "400 after 5 s", DripIntoSessionAsync),
        Slow(
            "sockets whose peers have vanished, where nothing happens",
            "closed with 1002 after 60 s of silence",
            VanishAsync),
        Slow(
            "sockets whose peers have vanished, where much happens",
            "cut off after 60 s, or before: 10 s after nothing is taken",
            VanishBusyAsync),
        Slow("long-poll sessions whose clients have vanished", "ended after 15 s", VanishPollingAsync),
        Slow(
            "sockets that ask for far more than they read",
            "cut off after 10 s, at the latest with 17 MiB waiting",
            StallAsync),
        Slow(
            "long-poll answers of which nothing is read", "cut off after 10 s; the session is over", StallPollingAsync),
    ];

    private static HostileAct Slow(string name, string answer, Func<HonestCompany, Task> commitAsync) =>
        new(name, answer, commitAsync) { IsSlow = true };

    private static string PostHead(string path, string cookie = "") =>
        $"POST {path} HTTP/1.1\r\n{Host}Content-Type: application/json\r\nContent-Length: 100000\r\nCookie: "
            + $"{cookie}\r\n\r\n";

    private static Task<FrameClient[]> JoinAsync(HonestCompany company, int count, string collection) => Task.WhenAll(
        Enumerable.Range(0, count)
            .Select(
                _ => HostileSocket.JoinedAsync(
                    company.Address, $$"""["1","1","collection:{{collection}}","phx_join",{}]""")));

    // A busy machine may take longer for the honest ones than the server has patience: then it proves nothing, and is
    // done anew.
    private static async Task DripAsync(HonestCompany company, string beginning, string answer)
    {
        var wasBeside = false;
        for (var tries = 0; tries < 5 && !wasBeside; tries++)
        {
            var lines = await Task.WhenAll(
                Enumerable.Range(0, Many).Select(_ => RawLine.ConnectAsync(company.Address)));
            var answers = Task.WhenAll(lines.Select(async line =>
            {
                await line.SendAsync(beginning);
                return await line.DripAsync("x", Pause);
            }));
            await company.ServeAsync();
            wasBeside = !answers.IsCompleted;
            Assert.All(await answers, text => Assert.StartsWith(answer, text, StringComparison.Ordinal));
            Array.ForEach(lines, line => line.Dispose());
        }

        Assert.True(wasBeside, "They were over before the honest ones were served.");
    }

    private static async Task DripIntoSessionAsync(HonestCompany company)
    {
        using var polls = await LongPollClient.OpenAsync(company.Address);
        var token = company.Keep(polls.Token!);
        using var over = new CancellationTokenSource();
        var polling = PollAsync(polls, over.Token); // or the session ends, and no body is read
        await DripAsync(company, PostHead($"/socket/longpoll?vsn=2.0.0&token={token}") + "[", "HTTP/1.1 400 ");
        await over.CancelAsync();
        await polling;
    }

    private static async Task PollAsync(LongPollClient client, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                Assert.Equal(204, (await client.PollAsync(cancellationToken)).Status);
            }
        }
        catch (OperationCanceledException)
        {
            // It is over.
        }
    }

    // No goodbye, no heartbeat, nothing read: to the server it is the same whether the other end is still there.
    private static async Task VanishAsync(HonestCompany company)
    {
        var clients = await JoinAsync(company, Many * 2, "category");
        await company.ServeAsync();
        await Task.Delay(TimeSpan.FromSeconds(45));
        await company.ServeAsync();
        Assert.All(
            await Task.WhenAll(clients.Select(client => client.ReadCloseCodeAsync())),
            code => Assert.Equal(1002, code));
        Array.ForEach(clients, client => client.Dispose());
    }

    private static async Task VanishBusyAsync(HonestCompany company)
    {
        var clients = await JoinAsync(company, Many * 2, "order");
        await company.ServeAsync();
        await Task.WhenAll(clients.Select(client => client.IsCutOffAsync()));
        await company.ServeAsync();
        Array.ForEach(clients, client => client.Dispose());
    }

    private static async Task VanishPollingAsync(HonestCompany company)
    {
        var ends = Task.WhenAll(Enumerable.Range(0, Many).Select(_ => VanishPollingOnceAsync(company)));
        await company.ServeAsync();
        await ends;
        await company.ServeAsync();
    }

    private static async Task VanishPollingOnceAsync(HonestCompany company)
    {
        var time = Stopwatch.StartNew();
        using var client = await LongPollClient.OpenAsync(company.Address);
        company.Keep(client.Token!);
        // A POST is no sign of life: only polls are.
        while (await client.PostAsync(HostileSocket.JoinOrders) is { Status: not 410 } answer)
        {
            Assert.Equal(200, answer.Status);
            await Task.Delay(Pause);
        }

        Assert.True(time.Elapsed >= SessionLife, $"The session ended after {time.Elapsed}.");
    }

    private static async Task StallAsync(HonestCompany company)
    {
        var clients = await JoinAsync(company, Many / 5, "menu");
        await Task.WhenAll(clients.Select(client =>
        {
            client.ReceiveBufferSize = 4096;
            return client.SendTextAsync([.. Enumerable.Repeat("""["1","2","collection:menu","reload",{}]""", 900)]);
        }));
        await company.ServeAsync();
        await Task.WhenAll(clients.Select(client => client.IsCutOffAsync()));
        await company.ServeAsync();
        Array.ForEach(clients, client => client.Dispose());
    }

    private static async Task StallPollingAsync(HonestCompany company)
    {
        using var polls = await LongPollClient.OpenAsync(company.Address);
        var token = company.Keep(polls.Token!);
        await polls.PostAsync("""["1","1","collection:menu","phx_join",{}]""");
        for (var i = 0; i < 9; i++)
        {
            var answer = await polls.PostAsync(Enumerable.Repeat("""["1","2","collection:menu","reload",{}]""", 100));
            Assert.Equal(200, answer.Status);
        }

        using var stalled = await RawRequest.SendAsync(
            company.Address, $"GET /socket/longpoll?vsn=2.0.0&token={Uri.EscapeDataString(token)}", "", "");
        await company.ServeAsync();
        await stalled.IsCutOffAsync();
        await company.ServeAsync();
        Assert.Equal(410, (await polls.PostAsync(HostileSocket.JoinOrders)).Status);
    }
}
