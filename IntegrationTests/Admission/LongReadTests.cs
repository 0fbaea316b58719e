using System.Net;
using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Shop.Screens;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Kaffediem.Server.Admission;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Admission;

/// <summary>
/// While strangers' long reads keep their readers busy, the shop's own work continues, and the line is bounded.
/// </summary>
public sealed class LongReadTests
{
    private const string Orders = "/api/collections/order/records";
    private const string AnOrder = """{"items":[{"item":1}]}""";
    private const string Busy = "too many long reads are waiting; try again in a second";

    [Fact]
    public async Task Shop_works_while_all_strangers_readers_are_busy()
    {
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Environment = "Production", Settings = { ["Auth:AnonymousOrders"] = "true" },
        });
        using var held = await HeldLane.TakeAsync(server);
        using var rest = server.CreateClient();
        using var http = Http(server);
        using var waiting = new CancellationTokenSource();
        var stranger = http.GetAsync($"/api/events?{From(1)}", waiting.Token);
        await held.UntilWaitingAsync(1);

        (await rest.GetAsync("/health")).Is(200);
        (await rest.GetAsync("/api/session")).Is(204);
        (await rest.PostAsync(Orders, AnOrder)).Is(201);
        (await rest.GetAsync($"{Orders}/1")).Is(200);
        (string Collection, string Options)[] small =
            [("menu", "{}"), ("status", "{}"), ("order", """{"from_date":"today"}""")];
        foreach (var (collection, options) in small)
        {
            using var client = await ScreenClient.JoinAsync(server.BaseAddress, collection, options);
            Assert.NotNull(client.Joined["items"]);
        }

        Assert.False(stranger.IsCompleted);
        await waiting.CancelAsync();
        await held.UntilWaitingAsync(0);
    }

    [Fact]
    public async Task Signed_in_client_is_served_while_all_strangers_readers_are_busy()
    {
        await using var server = KaffediemServer.Start();
        using var held = await HeldLane.TakeAsync(server);
        using var handler = new HttpClientHandler();
        using var user = new HttpClient(handler) { BaseAddress = server.BaseAddress };
        using (var session = await user.GetAsync("/api/session")) // Development signs this machine's browsers in
        {
            Assert.Equal(HttpStatusCode.OK, session.StatusCode);
        }

        using var stream = await SseClient.OpenAsync(user, From(1));

        Assert.Equal("snapshot", (await stream.ReadAsync())!.Name);
    }

    // The pool has as many threads as cores and adds more slowly: long reads on it would keep all requests waiting.
    [Fact]
    public async Task Long_reads_do_not_run_on_threads_of_the_pool()
    {
        await using var server = KaffediemServer.Start();
        var reads = server.Services.GetRequiredService<LongReads>();
        foreach (var asker in new[] { Asker.OfStranger(IPAddress.Loopback), Asker.OfUser(1) })
        {
            Assert.False(await reads.ReadAsync(
                asker, _ => Thread.CurrentThread.IsThreadPoolThread, TestContext.Current.CancellationToken));
        }
    }

    // A thousand invented names on each connection used to keep the readers of the shop's small reads busy.
    [Fact]
    public async Task Nothing_is_read_for_unknown_collections()
    {
        await using var server = KaffediemServer.Start();
        server.Logs.Expect("which does not exist");
        var queue = server.Services.GetRequiredService<LongReads>().QueueOf(ReadLane.Prompt);
        using var client = await WireClient.ConnectAsync(server.BaseAddress);
        var begun = queue.Begun;

        var joined = await client.JoinAsync("collection:x");
        var (seq, epoch) = ((long?)joined.Response?["seq"], (string?)joined.Response?["epoch"]);
        var joinedSince = await client.JoinAsync(
            "collection:y", payload: $$$"""{"since":{"epoch":"{{{epoch}}}","seq":{{{seq}}}}}""");

        Assert.Equal(("ok", "[]"), (joined.Status, joined.Response?["items"]?.ToJsonString()));
        Assert.Equal(("ok", "[]"), (joinedSince.Status, joinedSince.Response?["items"]?.ToJsonString()));
        Assert.False((bool?)joinedSince.Response?["recovered"]);
        Assert.Equal(begun, queue.Begun);
    }

    // 200 such requests, aborted after 0.3 s, used to keep all readers busy for minutes.
    [Fact]
    public async Task Nothing_is_read_for_clients_that_have_left()
    {
        await using var server = KaffediemServer.Start();
        using var held = await HeldLane.TakeAsync(server);
        using var http = Http(server);
        using var left = new CancellationTokenSource();
        var requests = Enumerable.Range(1, 50)
            .Select(day => http.GetAsync($"/api/events?{From(day)}", left.Token))
            .ToList();
        using var socket = await WireClient.ConnectAsync(server.BaseAddress);
        for (var customer = 1; customer <= 50; customer++)
        {
            // Each join has a channel of its own, because the mailbox of a topic lets only one wait at a time.
            await socket.SendAsync("\"1\"", "\"1\"", "collection:order", "phx_join", Customer(customer));
        }

        await held.UntilWaitingAsync(51);
        await left.CancelAsync();
        socket.Dispose();
        await held.UntilWaitingAsync(0);
        held.Release();
        using var stream = await SseClient.OpenAsync(http, From(99));

        Assert.Equal(200, stream.Status);
        Assert.Equal(2, held.Begun); // the read that held the turn, and the last one
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(requests));
    }

    [Fact]
    public async Task Full_line_refuses_event_streams_with_503_and_joins_with_an_error_but_shares_waiting_reads()
    {
        await using var server = KaffediemServer.Start(
            new ServerSetup { Settings = { ["Reads:MaxWaitingPerAddress"] = "2" } });
        server.Logs.Expect($"A long read for 127.0.0.1 was refused: {Busy}");
        using var held = await HeldLane.TakeAsync(server);
        using var http = Http(server);
        using var rest = server.CreateClient();
        List<Task<SseClient>> waiting = [SseClient.OpenAsync(http, From(1)), SseClient.OpenAsync(http, From(2))];
        await held.UntilWaitingAsync(2);

        var refused = await rest.GetAsync($"/api/events?{From(3)}");
        refused.Is(503, $$$"""{"errors":{"detail":"{{{Busy}}}"}}""");
        Assert.Equal("1", refused.Header("Retry-After"));
        using var socket = await WireClient.ConnectAsync(server.BaseAddress);
        var join = await socket.JoinAsync("collection:order", payload: Customer(7));
        Assert.Equal(("error", Busy), (join.Status, join.Reason));
        await socket.JoinAsync("collection:order", payload: """{"options":{"from_date":"today"}}""");
        waiting.AddRange(Enumerable.Range(0, 50).Select(_ => SseClient.OpenAsync(http, From(1))));

        held.Release();
        foreach (var stream in await Task.WhenAll(waiting))
        {
            Assert.Equal(200, stream.Status);
            stream.Dispose();
        }

        var again = await socket.JoinAsync("collection:order", "\"2\"", Customer(7));
        Assert.Equal("ok", again.Status);
        Assert.Equal(1, server.Logs.Count(Busy));
    }

    [Fact]
    public async Task Rush_of_joins_to_one_topic_from_one_address_is_one_read_and_none_is_refused()
    {
        await using var server = KaffediemServer.Start(
            new ServerSetup { Settings = { ["Reads:MaxWaitingPerAddress"] = "2" } });
        using var held = await HeldLane.TakeAsync(server);
        var sockets = await Task.WhenAll(
            Enumerable.Range(0, 100).Select(_ => WireClient.ConnectAsync(server.BaseAddress)));
        foreach (var socket in sockets)
        {
            await socket.SendAsync("\"1\"", "\"1\"", "collection:order", "phx_join");
        }

        await held.UntilWaitingAsync(1);
        held.Release();

        foreach (var socket in sockets)
        {
            Assert.Equal("ok", (await socket.ReceiveAsync()).Status);
            socket.Dispose();
        }

        Assert.Equal(2, held.Begun);
    }

    // Every `since` between the same two changes of the collection shares a read; so does one that cannot be replayed.
    [Fact]
    public async Task Positions_that_missed_the_same_changes_share_a_replay()
    {
        await using var server = KaffediemServer.Start();
        using var rest = server.CreateClient();
        var epoch = (string)(await rest.GetAsync("/health")).Node["epoch"]!;
        await rest.PostAsync(Orders, AnOrder);
        for (var i = 0; i < 20; i++)
        {
            await rest.PostAsync("/api/collections/message/records", """{"title":"x"}""");
        }

        var last = (long)(await rest.PostAsync(Orders, AnOrder)).Node["id"]!;
        var prompt = server.Services.GetRequiredService<LongReads>().QueueOf(ReadLane.Prompt);
        var before = prompt.Begun;
        for (var seq = 1; seq <= 21; seq++)
        {
            using var client = await WireClient.ConnectAsync(server.BaseAddress);
            var reply = await client.JoinAsync("collection:order", payload: Since(epoch, seq));
            var changes = reply.Response!["changes"]!.AsArray();
            Assert.Equal([last], changes.Select(change => (long)change!["record"]!["id"]!));
        }

        Assert.Equal(1, prompt.Begun - before);

        var bulk = server.Services.GetRequiredService<LongReads>().QueueOf(ReadLane.Bulk);
        (string Epoch, long Seq)[] unknown = [(epoch, 23), (epoch, long.MaxValue), (new string('0', 32), 1), ("x", 2)];
        foreach (var (foreign, seq) in unknown)
        {
            using var client = await WireClient.ConnectAsync(server.BaseAddress);
            var reply = await client.JoinAsync("collection:order", payload: Since(foreign, seq));
            Assert.False((bool)reply.Response!["recovered"]!);
        }

        Assert.Equal(1, bulk.Begun);
    }

    private static HttpClient Http(KaffediemServer server) => new() { BaseAddress = server.BaseAddress };

    private static string From(int day) =>
        $"collections=order&from_date={new DateOnly(2020, 1, 1).AddDays(day):yyyy-MM-dd}";

    private static string Customer(int id) => $$$"""{"options":{"customer_id":{{{id}}}}}""";

    private static string Since(string epoch, long seq) =>
        new JsonObject { ["since"] = new JsonObject { ["epoch"] = epoch, ["seq"] = seq } }.ToJsonString();
}

/// <summary>Keeps the strangers' only reader busy, on behalf of another address, until it is released.</summary>
internal sealed class HeldLane : IDisposable
{
    private readonly ManualResetEventSlim _gate = new();
    private readonly ReadQueue _queue;
    private Task _holding = Task.CompletedTask;

    private HeldLane(ReadQueue queue) => _queue = queue;

    /// <summary>The number of strangers' long reads begun so far, including this one.</summary>
    public long Begun => _queue.Begun;

    public static async Task<HeldLane> TakeAsync(KaffediemServer server)
    {
        var reads = server.Services.GetRequiredService<LongReads>();
        var held = new HeldLane(reads.QueueOf(ReadLane.Bulk));
        var begun = new TaskCompletionSource();
        held._holding = reads.ReadAsync(
            Asker.OfStranger(IPAddress.Parse("192.0.2.1")),
            _ =>
            {
                begun.SetResult();
                return held._gate.Wait(Patience.ForTimeouts);
            },
            CancellationToken.None);
        await begun.Task.WaitAsync(Patience.Limit);
        return held;
    }

    /// <summary>Completes when exactly this many reads wait.</summary>
    public Task UntilWaitingAsync(int count) => Polling.UntilAsync(() => _queue.Waiting == count);

    public void Release() => _gate.Set();

    public void Dispose()
    {
        Release();
        _holding.Wait(Patience.Limit);
        _gate.Dispose();
    }
}
