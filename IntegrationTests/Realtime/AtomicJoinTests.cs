using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Shop.Screens;
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
    private const int Screens = 2000;
    private const int Wave = 40;
    private const int Writers = 4;
    private const int WritesPerWave = 8;
    private const string Order =
        """{"items":[{"item":1,"customizations":[{"key":1,"value":[1]}]}],"state":"received"}""";

    [Fact]
    public async Task Two_thousand_joins_under_fire_end_with_exactly_the_databases_state()
    {
        await using var server = KaffediemServer.Start();
        using var turns = new SemaphoreSlim(0);
        using var written = new SemaphoreSlim(0);
        var writers = Enumerable.Range(0, Writers).Select(_ => WriteAsync(server, turns, written)).ToList();

        var screens = await JoinAllAsync(server.BaseAddress, turns, written);
        await Task.WhenAll(writers);

        var database = server.Services.GetRequiredService<Database>();
        await Task.WhenAll(screens.Select(screen => screen.ReachAsync(database.LastSeq)));
        using var rest = server.CreateClient();
        var expected = Sorted((await rest.GetAsync(Orders)).Node["items"]!.AsArray());
        foreach (var screen in screens)
        {
            Assert.Empty(screen.Faults);
            Assert.Equal(expected, screen.Records());
            screen.Dispose();
        }

        // The fire was real: the screens joined at many different moments, the first of them before most was written.
        Assert.InRange(
            screens.Select(screen => (long)screen.Joined["seq"]!).Distinct().Count(), Screens / Wave, Screens);
        Assert.Contains(screens, screen => screen.Changes.Count > 100);
    }

    // Every wave of joins is let loose together with some writes; the next one begins when these are done.
    private static async Task<List<ScreenClient>> JoinAllAsync(Uri server, SemaphoreSlim turns, SemaphoreSlim written)
    {
        var screens = new List<ScreenClient>();
        for (var wave = 0; wave < Screens / Wave; wave++)
        {
            turns.Release(WritesPerWave);
            screens.AddRange(await Task.WhenAll(
                Enumerable.Range(0, Wave).Select(_ => ScreenClient.JoinAsync(server, "order"))));
            for (var write = 0; write < WritesPerWave; write++)
            {
                await written.WaitAsync();
            }
        }

        return screens;
    }

    private static async Task WriteAsync(KaffediemServer server, SemaphoreSlim turns, SemaphoreSlim written)
    {
        using var rest = server.CreateClient();
        var mine = new Queue<long>();
        for (var turn = 0; turn < Screens / Wave * WritesPerWave / Writers; turn++)
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
