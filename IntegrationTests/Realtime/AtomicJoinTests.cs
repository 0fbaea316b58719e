using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Realtime;

/// <summary>
/// docs/design.md, "What must always be true": the snapshot plus every later change, exactly once, in commit order.
/// </summary>
public sealed class AtomicJoinTests
{
    private const string Orders = "/api/collections/order/records";
    private const int Wave = 40;
    private const int Writers = 4;
    private const int WritesPerWave = 8;
    private const string Order =
        """{"items":[{"item":1,"customizations":[{"key":1,"value":[1]}]}],"state":"received"}""";

    private static readonly int Clients = TestSettings.Pick(quick: 400, full: 2000, @long: 2000);

    [Fact]
    public async Task Joins_during_writes_end_with_exactly_the_databases_state()
    {
        await using var server = KaffediemServer.Start();
        using var turns = new SemaphoreSlim(0);
        using var written = new SemaphoreSlim(0);
        var writers = Enumerable.Range(0, Writers).Select(_ => WriteAsync(server, turns, written)).ToList();

        var clients = await JoinAllAsync(server.BaseAddress, turns, written);
        await Task.WhenAll(writers);

        var database = server.Services.GetRequiredService<Database>();
        await Task.WhenAll(clients.Select(client => client.ReachAsync(database.LastSeq)));
        using var rest = server.CreateClient();
        var expected = Sorted((await rest.GetAsync(Orders)).Node["items"]!.AsArray());
        foreach (var client in clients)
        {
            Assert.Empty(client.Faults);
            Assert.Equal(expected, client.Records());
            client.Dispose();
        }

        // The writes did overlap: clients joined at many different moments, the first ones before most of the writes.
        Assert.InRange(
            clients.Select(client => (long)client.Joined["seq"]!).Distinct().Count(), Clients / Wave, Clients);
        Assert.Contains(clients, client => client.Changes.Count > Clients / 20);
    }

    // Every wave of joins starts together with some writes; the next wave begins when these writes are done.
    private static async Task<List<ScreenClient>> JoinAllAsync(Uri server, SemaphoreSlim turns, SemaphoreSlim written)
    {
        var clients = new List<ScreenClient>();
        for (var wave = 0; wave < Clients / Wave; wave++)
        {
            turns.Release(WritesPerWave);
            clients.AddRange(await Task.WhenAll(
                Enumerable.Range(0, Wave).Select(_ => ScreenClient.JoinAsync(server, "order"))));
            for (var write = 0; write < WritesPerWave; write++)
            {
                await written.WaitAsync();
            }
        }

        return clients;
    }

    private static async Task WriteAsync(KaffediemServer server, SemaphoreSlim turns, SemaphoreSlim written)
    {
        using var rest = server.CreateClient();
        var mine = new Queue<long>();
        for (var turn = 0; turn < Clients / Wave * WritesPerWave / Writers; turn++)
        {
            await turns.WaitAsync();
            if (turn % 3 == 0 || mine.Count == 0)
            {
                mine.Enqueue((long)(await rest.PostAsync(Orders, Order)).Node["id"]!);
            }
            else if (turn % 3 == 1 || mine.Count <= 3)
            {
                await rest.PatchAsync($"{Orders}/{mine.Peek()}", """{"state":"production"}""");
            }
            else
            {
                await rest.DeleteAsync($"{Orders}/{mine.Dequeue()}");
            }

            written.Release();
        }
    }

    private static string Sorted(JsonArray records) => "[" + string.Join(
        ",",
        records.OrderBy(record => (long)record!["id"]!).Select(record => record!.ToJsonString(Json.Relaxed))) + "]";
}
