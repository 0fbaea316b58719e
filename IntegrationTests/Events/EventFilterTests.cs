using Kaffediem.IntegrationTests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Events;

/// <summary>Event streams share a snapshot only if they show the same records.</summary>
public sealed class EventFilterTests
{
    private const string Orders = "/api/collections/order/records";

    private static readonly string[] Filters =
        ["", "customer_id=1", "from_date=today", "from_date=today&customer_id=1", "from_date=today&customer_id=7"];

    [Fact]
    public async Task Streams_with_different_filters_get_different_snapshots_at_the_same_seq()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero));
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            ConfigureServices = services => services.AddSingleton<TimeProvider>(time),
        });
        using var http = new HttpClient { BaseAddress = server.BaseAddress };
        using var rest = server.CreateClient();
        // The orders of the sample are from November 23; most belong to customer 1.
        await rest.PostAsync(Orders, """{"customer_id":7,"items":[{"item":1}]}""");
        await rest.PostAsync(Orders, """{"items":[{"item":1}]}""");
        HashSet<string> snapshots = [];

        foreach (var filter in Filters)
        {
            using var stream = await SseClient.OpenAsync(http, $"collections=order&{filter}");
            var snapshot = (await stream.ReadAsync())!;

            Assert.Equal(("snapshot", "order"), (snapshot.Name, snapshot.Collection));
            var listed = (await rest.GetAsync($"{Orders}?{filter}")).Items.Select(order =>
                order.GetProperty("id").GetInt64());
            var shown = snapshot.Data["items"]!.AsArray().Select(order => (long)order!["id"]!);
            Assert.Equal(listed.Order(), shown.Order());
            snapshots.Add(string.Join(',', shown.Order()));
        }

        Assert.Equal(Filters.Length, snapshots.Count);
    }

    [Fact]
    public async Task Streams_of_different_collections_get_different_snapshots_at_the_same_seq()
    {
        await using var server = KaffediemServer.Start();
        using var http = new HttpClient { BaseAddress = server.BaseAddress };

        foreach (var collections in new[] { "order", "order,status", "status", "status,message", "message" })
        {
            using var stream = await SseClient.OpenAsync(http, $"collections={collections}");
            HashSet<string> shown = [];
            for (var i = 0; i < collections.Split(',').Length; i++)
            {
                shown.Add((await stream.ReadAsync())!.Collection);
            }

            Assert.Equal(collections.Split(',').Order(), shown.Order());
        }
    }
}
