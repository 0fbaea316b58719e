using Kaffediem.IntegrationTests.Support;
using static Kaffediem.IntegrationTests.Images.ImageFiles;

namespace Kaffediem.IntegrationTests.Images;

/// <summary>
/// A server with several names: every client gets an uploaded image under the name that the client itself used,
/// although clients that see the same share answers, snapshots and changes.
/// </summary>
public sealed class HostViewTests : IAsyncDisposable
{
    private const string One = "one.example";
    private const string Other = "other.example";

    private static readonly string[] Hosts = [One, Other];
    private static readonly string[] Lists = [Items, Items + "?sort=-id", Items + "?page=1"];

    private readonly KaffediemServer _server = KaffediemServer.Start();
    private readonly RestClient _client;

    public HostViewTests() => _client = _server.CreateClient();

    [Fact]
    public async Task Tag_of_one_host_does_not_match_the_list_of_another()
    {
        await UploadAsync(_client, Png);
        foreach (var path in Lists)
        {
            var one = await _client.SendAsync("GET", path, json: null, ("Host", One));

            var other = await _client.SendAsync(
                "GET", path, json: null, ("Host", Other), ("If-None-Match", one.Header("ETag")!));

            AssertUnder(One, one.Text);
            AssertUnder(Other, other.Text);
            var same = await _client.SendAsync(
                "GET", path, json: null, ("Host", One), ("If-None-Match", one.Header("ETag")!));
            Assert.Equal(304, same.Status);
        }
    }

    [Theory]
    [InlineData("item")]
    [InlineData("menu")]
    public async Task Sockets_see_an_image_under_their_own_host(string collection)
    {
        using var one = await ConnectAsync(One);
        using var other = await ConnectAsync(Other);
        await one.JoinAsync($"collection:{collection}");
        await other.JoinAsync($"collection:{collection}");

        await UploadAsync(_client, Png);

        AssertUnder(One, await one.ReadTextAsync());
        AssertUnder(Other, await other.ReadTextAsync());
        foreach (var host in Hosts)
        {
            using var later = await ConnectAsync(host);
            AssertUnder(host, (await later.JoinAsync($"collection:{collection}")).Response!.ToJsonString(Json.Relaxed));
        }
    }

    [Theory]
    [InlineData("item")]
    [InlineData("menu")]
    [InlineData("order,menu,item")]
    public async Task Event_streams_see_an_image_under_their_own_host(string collections)
    {
        using var one = await OpenAsync(One, collections);
        using var other = await OpenAsync(Other, collections);

        await UploadAsync(_client, Png);

        AssertUnder(One, await NextAsync(one, "change"));
        AssertUnder(Other, await NextAsync(other, "change"));
        foreach (var host in Hosts)
        {
            using var later = await OpenAsync(host, collections);
            AssertUnder(host, await NextAsync(later, "snapshot"));
        }
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    private static void AssertUnder(string host, string text)
    {
        Assert.Contains($"\"image\":\"http://{host}/uploads/", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Hosts.Single(other => other != host), text, StringComparison.Ordinal);
    }

    private async Task<WireClient> ConnectAsync(string host)
    {
        var frames = await FrameClient.ConnectAsync(_server.BaseAddress, headers: ("Host", host));
        Assert.Equal(101, frames.Status);
        return new WireClient(frames, version: 2);
    }

    private async Task<SseClient> OpenAsync(string host, string collections)
    {
        using var http = new HttpClient { BaseAddress = _server.BaseAddress };
        http.DefaultRequestHeaders.Host = host;
        return await SseClient.OpenAsync(http, $"collections={collections}");
    }

    // The next event of a kind with an image in it, since a stream of several collections has other events, too.
    private static async Task<string> NextAsync(SseClient stream, string name)
    {
        while (true)
        {
            var next = (await stream.ReadAsync())!;
            if (next.Name == name && next.Text.Contains("/uploads/", StringComparison.Ordinal))
            {
                return next.Text;
            }
        }
    }
}
