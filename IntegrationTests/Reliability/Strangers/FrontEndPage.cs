using System.Text.Json;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>A page of the front end that is open in a browser, with the topics that this page joins.</summary>
internal sealed class FrontEndPage : IDisposable
{
    /// <summary>The topics that a customer's phone joins.</summary>
    public static readonly IReadOnlyList<string> Front = ["menu", "message", "status"];

    /// <summary>The topics that the wall display and the kitchen join.</summary>
    public static readonly IReadOnlyList<string> Display = ["message", "status", "order"];

    private readonly FrameClient _client;

    private FrontEndPage(FrameClient client) => _client = client;

    /// <summary>Opens it; every join is answered with ok.</summary>
    public static async Task<FrontEndPage> OpenAsync(Uri server, IReadOnlyList<string> topics)
    {
        var client = await FrameClient.ConnectAsync(server);
        client.Patience = Patience.ForTimeouts;
        Assert.Equal(101, client.Status);
        await client.SendTextAsync([.. topics.Select((topic, index) => Join(topic, index + 1))]);
        for (var joined = 0; joined < topics.Count;)
        {
            var message = await client.ReadTextAsync();
            var json = JsonElement.Parse(message);
            if (json[3].GetString() == "phx_reply")
            {
                Assert.True(json[4].GetProperty("status").GetString() == "ok", message);
                joined++;
            }
        }

        return new FrontEndPage(client);
    }

    /// <summary>Opens many, a number of them at once, half of them displays.</summary>
    public static async Task<List<FrontEndPage>> OpenManyAsync(Uri server, int count, int atOnce)
    {
        List<FrontEndPage> pages = [];
        foreach (var some in Enumerable.Range(0, count).Chunk(atOnce))
        {
            pages.AddRange(
                await Task.WhenAll(some.Select(index => OpenAsync(server, index % 2 == 0 ? Front : Display))));
        }

        return pages;
    }

    /// <summary>Waits until a change with some text in it is broadcast to it.</summary>
    public async Task ShowAsync(string text)
    {
        while (!(await _client.ReadTextAsync()).Contains(text, StringComparison.Ordinal))
        {
        }
    }

    /// <summary>Says that it is there, as phoenix.js does.</summary>
    public async Task BeatAsync()
    {
        await _client.SendTextAsync("""[null,"99","phoenix","heartbeat",{}]""");
        await ShowAsync("\"99\"");
    }

    public void Dispose() => _client.Dispose();

    // As recorded of the front end: the orders of today, and no options of anything else.
    private static string Join(string topic, int number) => topic == "order"
        ? $$$"""["{{{number}}}","{{{number}}}","collection:order","phx_join",{"options":{"from_date":"today"}}]"""
        : $$$"""["{{{number}}}","{{{number}}}","collection:{{{topic}}}","phx_join",{"options":{}}]""";
}
