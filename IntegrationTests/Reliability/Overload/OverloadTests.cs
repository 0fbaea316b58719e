using System.Globalization;
using Kaffediem.IntegrationTests.Persistence.Writing;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Kaffediem.Server.Accounts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Reliability.Overload;

/// <summary>
/// More writes than the disk takes: the queue is bounded, the excess is refused at once, and what
/// was accepted is finished. The disk that takes nothing is a write that is held.
/// </summary>
[Experiment("Overload")]
public sealed class OverloadTests
{
    private const string Orders = ShopFolder.Orders;

    [Fact]
    public async Task The_excess_is_refused_at_once_and_what_was_accepted_is_finished()
    {
        await using var server = Start(maxQueuedWrites: 4);
        using var client = server.CreateClient();
        var held = await HoldAsync(server);
        var accepted = Enumerable.Range(1, 4).Select(i => client.PostAsync(Orders, Order(i))).ToList();
        await UntilReadinessSaysAsync(client, "4 writes wait for the disk, of at most 4.");

        // The writer is held: none of these has waited for it.
        for (var i = 5; i <= 9; i++)
        {
            AssertRefused(await client.PostAsync(Orders, Order(i)));
        }

        AssertRefused(await client.PatchAsync("/api/collections/category/records/1", """{"sort_order":7}"""));
        AssertRefused(await client.DeleteAsync($"{Orders}/1"));
        Assert.All(accepted, post => Assert.False(post.IsCompleted));
        await held.ReleaseAsync();

        Assert.All(await Task.WhenAll(accepted), answer => answer.Is(201));
        Assert.Equal([.. Enumerable.Range(1, 4).Select(Uuid)], Placed(server));
    }

    [Fact]
    public async Task Meanwhile_ready_says_why_not_and_all_that_only_reads_goes_on()
    {
        await using var server = Start(maxQueuedWrites: 4);
        using var client = server.CreateClient();
        (await client.GetAsync("/health/ready")).Is(200, """{"status":"ok","reasons":[]}""");
        var held = await HoldAsync(server);
        var accepted = Enumerable.Range(1, 4).Select(i => client.PostAsync(Orders, Order(i))).ToList();
        await UntilReadinessSaysAsync(client, "4 writes wait for the disk, of at most 4.");

        (await client.GetAsync("/health/ready")).Is(
            503, """{"status":"unavailable","reasons":["4 writes wait for the disk, of at most 4."]}""");
        (await client.GetAsync("/health/live")).Is(200, """{"status":"ok"}""");
        (await client.GetAsync("/health")).Is(200);
        (await client.GetAsync($"{Orders}?from_date=today")).Is(200);
        using var screen = await ScreenClient.JoinAsync(server.BaseAddress, "order");
        await held.ReleaseAsync();

        await Task.WhenAll(accepted);
        (await client.GetAsync("/health/ready")).Is(200, """{"status":"ok","reasons":[]}""");
        await screen.ReachAsync(server.Services.GetRequiredService<Database>().LastSeq);
        Assert.Equal(4, screen.Changes.Count);
        Assert.Empty(screen.Faults);
    }

    [Fact]
    public async Task A_refused_order_that_is_sent_again_is_placed_once()
    {
        await using var server = Start(maxQueuedWrites: 1);
        using var client = server.CreateClient();
        var held = await HoldAsync(server);
        var accepted = client.PostAsync(Orders, Order(1));
        await UntilReadinessSaysAsync(client, "1 writes wait");
        AssertRefused(await client.PostAsync(Orders, Order(2)));
        AssertRefused(await client.PostAsync(Orders, Order(2)));
        await held.ReleaseAsync();
        (await accepted).Is(201);

        var placed = await client.PostAsync(Orders, Order(2));
        var again = await client.PostAsync(Orders, Order(2));

        Assert.Equal((201, null), (placed.Status, placed.Header("Idempotency-Replayed")));
        Assert.Equal((201, "true", placed.Text), (again.Status, again.Header("Idempotency-Replayed"), again.Text));
        Assert.Equal([Uuid(1), Uuid(2)], Placed(server));
    }

    [Fact]
    public async Task Many_more_at_once_than_there_is_room_for_are_all_answered()
    {
        await using var server = Start(maxQueuedWrites: 8);
        using var client = server.CreateClient();
        var held = await HoldAsync(server);
        var posts = Enumerable.Range(1, 400).Select(i => client.PostAsync(Orders, Order(i))).ToList();

        // All but those that have found a place, however long the disk takes nothing.
        var refused = new List<RestAnswer>();
        await foreach (var answer in Task.WhenEach(posts).Take(392))
        {
            refused.Add(await answer);
        }

        Assert.All(refused, AssertRefused);
        Assert.Equal(8, posts.Count(post => !post.IsCompleted));
        await held.ReleaseAsync();

        var answers = await Task.WhenAll(posts);
        Assert.Equal(8, answers.Count(answer => answer.Status == 201));
        Assert.Equal(UuidsOf(answers), Placed(server));
    }

    [Fact]
    public async Task Under_a_flood_each_write_is_answered_and_in_the_log_once_or_nowhere()
    {
        await using var server = Start(maxQueuedWrites: 4);
        using var screen = await ScreenClient.JoinAsync(server.BaseAddress, "order");
        var clients = Enumerable.Range(0, 64).Select(client => FloodAsync(server, client * 1000, posts: 20));

        var answers = (await Task.WhenAll(clients)).SelectMany(each => each).ToList();

        Assert.Equal(64 * 20, answers.Count);
        Assert.All(answers.Where(answer => answer.Status != 201), AssertRefused);
        Assert.Equal(UuidsOf(answers), Placed(server));
        await screen.ReachAsync(server.Services.GetRequiredService<Database>().LastSeq);
        Assert.Equal(answers.Count(answer => answer.Status == 201), screen.Changes.Count);
        Assert.Empty(screen.Faults);
    }

    [Fact]
    public async Task A_burst_of_hundreds_is_never_refused()
    {
        await using var server = KaffediemServer.Start();
        using var client = server.CreateClient();
        var held = await HoldAsync(server);
        var posts = Enumerable.Range(1, 500).Select(i => client.PostAsync(Orders, Order(i))).ToList();
        (await client.GetAsync("/health/ready")).Is(200);
        await held.ReleaseAsync();

        Assert.All(await Task.WhenAll(posts), answer => answer.Is(201));
    }

    [Fact]
    public async Task Sign_in_refused_for_now_is_not_a_failed_attempt()
    {
        await using var server = Start(maxQueuedWrites: 1, isFirstRun: true);
        using var client = server.CreateClient();
        var held = await HoldAsync(server);
        var accepted = client.PostAsync(Orders, Order(1));
        await UntilReadinessSaysAsync(client, "1 writes wait");
        // More often than one may fail.
        for (var i = 0; i < 12; i++)
        {
            AssertRefused(await client.SignInAsync());
        }

        await held.ReleaseAsync();
        (await accepted).Is(201);
        (await client.SignInAsync()).Is(200);
    }

    private static KaffediemServer Start(int maxQueuedWrites, bool isFirstRun = false)
    {
        var server = KaffediemServer.Start(new ServerSetup
        {
            IsFirstRun = isFirstRun,
            // It stands still: the write that is held does not take long.
            ConfigureServices = services => services
                .AddSingleton<TimeProvider>(
                    new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero)))
                .AddSingleton(new PasswordVerifier((_, _) => true)),
            Settings = new() { ["Database:MaxQueuedWrites"] = maxQueuedWrites.ToString(CultureInfo.InvariantCulture) },
        });
        server.Logs.Expect("Writes arrive faster than the disk can keep up");
        return server;
    }

    private static Task<HeldWriter> HoldAsync(KaffediemServer server) =>
        HeldWriter.StartAsync(server.Services.GetRequiredService<Database>());

    private static Task UntilReadinessSaysAsync(RestClient client, string reason) =>
        client.UntilReadinessAsync(answer => answer.Text.Contains(reason, StringComparison.Ordinal));

    private static async Task<List<RestAnswer>> FloodAsync(KaffediemServer server, int first, int posts)
    {
        using var client = server.CreateClient();
        var answers = new List<RestAnswer>();
        for (var i = 0; i < posts; i++)
        {
            answers.Add(await client.PostAsync(Orders, Order(first + i)));
        }

        return answers;
    }

    private static void AssertRefused(RestAnswer answer)
    {
        answer.Is(503, """{"errors":{"detail":"Service Unavailable"}}""");
        Assert.Equal("1", answer.Header("Retry-After"));
    }

    private static string Uuid(int number) => $"0b1e9f62-8e0b-4c55-a7a3-{number:x12}";

    private static string Order(int number) => $$"""{"uuid":"{{Uuid(number)}}","items":[{"item":1}]}""";

    private static IEnumerable<string> UuidsOf(IEnumerable<RestAnswer> answers) => answers
        .Where(answer => answer.Status == 201)
        .Select(answer => answer.Json.GetProperty("uuid").GetString()!)
        .Order(StringComparer.Ordinal);

    /// <summary>The uuids of the orders that the log has, which are those of the table.</summary>
    private static List<string> Placed(KaffediemServer server)
    {
        const string Mine = "0b1e9f62-8e0b-4c55-a7a3-%";
        var logged = SqliteFile.Query<string>(
            server.DatabasePath,
            "SELECT record ->> 'uuid' AS uuid FROM change_log "
                + "WHERE collection = 'order' AND action = 'create' ORDER BY uuid");
        Assert.Equal(logged, SqliteFile.Query<string>(
            server.DatabasePath, $"""SELECT uuid FROM "order" WHERE uuid LIKE '{Mine}' ORDER BY uuid"""));
        return logged;
    }
}
