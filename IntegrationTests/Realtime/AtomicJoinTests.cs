using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Realtime;

/// <summary>DESIGN, what must always be true: the snapshot plus every later change, exactly once, in commit order.</summary>
public sealed class AtomicJoinTests
{
    private const string Orders = "/api/collections/order/records";
    private const string Order = """{"items":[{"item":1,"customizations":[{"key":1,"value":[1]}]}],"state":"received"}""";

    [Fact]
    public async Task Two_thousand_joins_under_fire_end_with_exactly_the_databases_state()
    {
        await using var server = KaffediemServer.Start();
        using var turns = new SemaphoreSlim(0);
        var joining = JoinAllAsync(server.BaseAddress, turns);
        var writers = Enumerable.Range(0, 4).Select(_ => WriteAsync(server, turns, joining)).ToList();

        var screens = await joining;
        turns.Release(writers.Count);
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

        // The fire was real: the screens joined at many different moments.
        Assert.InRange(screens.Select(screen => (long)screen.Joined["seq"]!).Distinct().Count(), 50, 2000);
        Assert.Contains(screens, screen => screen.Changes.Count > 100);
    }

    private static async Task<List<ScreenClient>> JoinAllAsync(Uri server, SemaphoreSlim turns)
    {
        var screens = new List<ScreenClient>();
        foreach (var wave in Enumerable.Range(0, 2000).Chunk(40))
        {
            screens.AddRange(await Task.WhenAll(wave.Select(async number =>
            {
                if (number % 4 == 0)
                {
                    turns.Release(); // one write for every four joins, somewhere among them
                }

                return await ScreenClient.JoinAsync(server, "order");
            })));
        }

        return screens;
    }

    private static async Task WriteAsync(KaffediemServer server, SemaphoreSlim turns, Task joining)
    {
        using var rest = server.CreateClient();
        var mine = new Queue<long>();
        for (var turn = 0; !joining.IsCompleted; turn++)
        {
            await turns.WaitAsync();
            if (turn % 3 == 0 || mine.Count == 0)
            {
                mine.Enqueue((long)(await rest.PostAsync(Orders, Order)).Node["id"]!);
            }
            else if (turn % 3 == 1)
            {
                await rest.PatchAsync($"{Orders}/{mine.Peek()}", """{"state":"production"}""");
            }
            else if (mine.Count > 3)
            {
                await rest.DeleteAsync($"{Orders}/{mine.Dequeue()}");
            }
        }
    }

    private static string Sorted(JsonArray records) => "[" + string.Join(
        ",", records.OrderBy(record => (long)record!["id"]!).Select(record => record!.ToJsonString(Json.Relaxed))) + "]";
}
