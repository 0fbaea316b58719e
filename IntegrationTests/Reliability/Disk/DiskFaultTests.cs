using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.Versioning;
using Kaffediem.IntegrationTests.Support;
using Microsoft.Data.Sqlite;

namespace Kaffediem.IntegrationTests.Reliability.Disk;

/// <summary>
/// What goes wrong with the disk while the server runs: what cannot be done is answered with 503,
/// the process stays up, goes on by itself once the fault is gone, and nothing that was acknowledged is lost by it.
/// </summary>
[Experiment("Disk")]
[SupportedOSPlatform("linux")]
public sealed class DiskFaultTests
{
    [Fact]
    public async Task On_a_full_disk_writes_are_refused_and_reads_are_not()
    {
        using var shop = ShopFolder.WithSample();
        using var server = await shop.ServeAsync(ServerProcess.HearingOfLimits);
        using var client = server.CreateClient();
        var kept = await PlaceAsync(client);
        using var screen = await ScreenClient.JoinAsync(server.BaseAddress, "order");

        await server.LimitFilesAsync("4096");
        for (var i = 0; i < 10; i++)
        {
            AssertUnavailable(await client.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder));
        }

        (await client.GetAsync($"{ShopFolder.Orders}/{kept}")).Is(200);
        (await client.GetAsync("/health/live")).Is(200);
        var ready = (await client.GetAsync("/health/ready")).Is(503).GetProperty("reasons")[0].GetString();
        Assert.Contains("no room", ready, StringComparison.Ordinal);

        await server.LimitFilesAsync("unlimited");
        var next = await PlaceAsync(client);
        (await client.GetAsync("/health/ready")).Is(200);
        // Of each kind of error one, not of each write.
        Assert.InRange(server.Output.Count(line => line.Contains("Z fail: ", StringComparison.Ordinal)), 1, 2);
        await screen.ReachAsync(2);

        Assert.Equal(kept + 1, next);
        Assert.Equal([$"create {next}"], screen.Changes);
        await AssertAllThereAsync(shop, server, [kept, next]);
    }

    [Fact]
    public async Task A_disk_that_fills_up_repeatedly_under_load_loses_no_acknowledged_write_and_keeps_no_refused_one()
    {
        using var shop = ShopFolder.WithSample();
        using var server = await shop.ServeAsync(ServerProcess.HearingOfLimits);
        using var stop = new CancellationTokenSource();
        var answers = new ConcurrentDictionary<int, int>();
        var writers = Enumerable.Range(0, 6).Select(_ => PlaceUntilAsync(server, answers, stop.Token)).ToArray();
        for (var round = 0; round < 10; round++)
        {
            await NextAnswersAsync(answers, 201);
            // Somewhere in the log, which begins anew every thousand pages: it stops in the middle of a commit.
            await server.LimitFilesAsync((200_000 + (round * 50_000)).ToString(CultureInfo.InvariantCulture));
            await NextAnswersAsync(answers, 503);
            await server.LimitFilesAsync("unlimited");
        }

        await stop.CancelAsync();
        var acknowledged = (await Task.WhenAll(writers)).SelectMany(ids => ids).ToList();

        await AssertAllThereAsync(shop, server, acknowledged);
        Assert.Equal(acknowledged.Count, shop.Query<long>("SELECT COUNT(*) FROM change_log").Single());
    }

    [Fact]
    public async Task While_another_program_holds_the_lock_too_long_writes_are_refused_and_reads_are_not()
    {
        using var shop = ShopFolder.WithSample();
        using var server = await shop.ServeAsync();
        using var client = server.CreateClient();
        var kept = await PlaceAsync(client);
        using (var connection = new SqliteConnection($"Data Source={shop.Database};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "BEGIN IMMEDIATE";
            command.ExecuteNonQuery();

            var write = client.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder);
            (await client.GetAsync($"{ShopFolder.Orders}/{kept}")).Is(200);
            AssertUnavailable(await write);
        }

        await AssertAllThereAsync(shop, server, [kept, await PlaceAsync(client)]);
    }

    [Fact]
    public async Task While_its_folder_is_elsewhere_nothing_is_acknowledged_that_would_be_written_there()
    {
        using var shop = new ShopFolder();
        var (here, elsewhere) = (shop.PathOf("data"), shop.PathOf("elsewhere"));
        Directory.CreateDirectory(here);
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Data", "kaffebase.db"), Path.Combine(here, "shop.db"));
        using var server = await ServerProcess.StartAsync(Path.Combine(here, "shop.db"));
        using var client = server.CreateClient();
        await PlaceAsync(client);

        Directory.Move(here, elsewhere);
        AssertUnavailable(await client.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder));
        // Another database in its place is not its own.
        Directory.CreateDirectory(here);
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Data", "kaffebase.db"), Path.Combine(here, "shop.db"));
        AssertUnavailable(await client.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder));

        Directory.Delete(here, recursive: true);
        Directory.Move(elsewhere, here);
        await PlaceAsync(client);
        Assert.Equal(0, await server.StopAsync());
        Assert.Equal([1, 2], SqliteFile.Query<long>(Path.Combine(here, "shop.db"), "SELECT seq FROM change_log"));
    }

    // Of tables that nobody has read yet: what SQLite has in its memory is not damaged.
    [Theory]
    [InlineData("customization_value", "GET", "/api/collections/customization_value/records", null)]
    [InlineData("idempotency", "POST", ShopFolder.Orders, ShopFolder.AnOrder)]
    public async Task What_needs_a_damaged_page_is_refused_and_the_rest_is_not(
        string table, string method, string path, string? json)
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        using var server = await shop.ServeAsync();
        using var client = server.CreateClient();
        var repair = Damage.Table(shop.Database, table);
        Task<RestAnswer> AskAsync() => client.SendAsync(method, path, json, ("Idempotency-Key", "once"));

        AssertUnavailable(await AskAsync());
        AssertUnavailable(await AskAsync());
        (await client.GetAsync("/api/collections/item/records")).Is(200);
        (await client.PostAsync("/api/collections/message/records", """{"title":"Open"}""")).Is(201);

        repair();
        Assert.Equal(method == "GET" ? 200 : 201, (await AskAsync()).Status);
    }

    private static void AssertUnavailable(RestAnswer answer)
    {
        answer.Is(503, """{"errors":{"detail":"Service Unavailable"}}""");
        Assert.Equal("5", answer.Header("Retry-After"));
    }

    private static async Task<long> PlaceAsync(RestClient client) =>
        (await client.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder)).Is(201).GetProperty("id").GetInt64();

    // Several of them: the first may have been on its way already.
    private static Task NextAnswersAsync(ConcurrentDictionary<int, int> answers, int status)
    {
        var before = answers.GetValueOrDefault(status);
        return Polling.UntilAsync(() => answers.GetValueOrDefault(status) > before + 12);
    }

    /// <returns>What was acknowledged.</returns>
    private static async Task<List<long>> PlaceUntilAsync(
        ServerProcess server, ConcurrentDictionary<int, int> answers, CancellationToken stop)
    {
        using var client = server.CreateClient();
        List<long> acknowledged = [];
        while (!stop.IsCancellationRequested)
        {
            var answer = await client.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder);
            answers.AddOrUpdate(answer.Status, 1, (_, count) => count + 1);
            if (answer.Status == 503)
            {
                AssertUnavailable(answer);
            }
            else
            {
                acknowledged.Add(answer.Is(201).GetProperty("id").GetInt64());
            }
        }

        return acknowledged;
    }

    // What is in the file once the server has been killed, and only that: nothing is lost, and nothing is there in
    // secret.
    private static async Task AssertAllThereAsync(ShopFolder shop, ServerProcess server, IEnumerable<long> acknowledged)
    {
        await server.KillAsync();
        Assert.Equal(acknowledged.Order(), shop.Query<long>("SELECT record_id FROM change_log ORDER BY record_id"));
        Assert.Empty(acknowledged.Except(shop.Query<long>("SELECT id FROM \"order\"")));
        var check = await shop.RunAsync("check");
        Assert.Equal((0, ""), (check.ExitCode, check.Error));
    }
}
