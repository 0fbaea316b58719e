namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>A page of the front end in a browser, with the topics that it joins.</summary>
internal sealed class FrontEndPage : IDisposable
{
    /// <summary>The topics that a customer's phone joins.</summary>
    public static readonly IReadOnlyList<string> Front = ["menu", "message", "status"];

    /// <summary>The topics that the wall display and the kitchen join.</summary>
    public static readonly IReadOnlyList<string> Display = ["message", "status", "order"];

    private readonly FrameClient _client;

    private FrontEndPage(FrameClient client) => _client = client;

    /// <summary>Opens it; every join is answered with ok.</summary>
    public static async Task<FrontEndPage> OpenAsync(Uri server, IReadOnlyList<string> topics) =>
        new(await JoinedClient.JoinedAsync(server, [.. topics.Select((topic, index) => Join(topic, index + 1))]));

    /// <summary>Opens many, some at a time, half of them displays.</summary>
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

    /// <summary>Waits until it receives a change that contains a text.</summary>
    public async Task ShowAsync(string text)
    {
        while (!(await _client.ReadTextAsync()).Contains(text, StringComparison.Ordinal))
        {
        }
    }

    /// <summary>Sends a heartbeat, like phoenix.js.</summary>
    public async Task BeatAsync()
    {
        await _client.SendTextAsync("""[null,"99","phoenix","heartbeat",{}]""");
        await ShowAsync("\"99\"");
    }

    public void Dispose() => _client.Dispose();

    // As recorded from the front end: the orders of today; no options otherwise.
    private static string Join(string topic, int number) => topic == "order"
        ? $$$"""["{{{number}}}","{{{number}}}","collection:order","phx_join",{"options":{"from_date":"today"}}]"""
        : $$$"""["{{{number}}}","{{{number}}}","collection:{{{topic}}}","phx_join",{"options":{}}]""";
}
