using Kaffediem.IntegrationTests.Support;
using Microsoft.Extensions.DependencyInjection;
using static Kaffediem.IntegrationTests.Images.ImageFiles;

namespace Kaffediem.IntegrationTests.Images;

/// <summary>The sweeper deletes images that no item shows, and nothing else. Time is virtual.</summary>
public sealed class ImageSweeperTests : IAsyncDisposable
{
    private const string Item1 = Items + "/1";

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly WatchedTime _time = new();
    private readonly Task _firstSweep;
    private readonly KaffediemServer _server;
    private readonly RestClient _client;

    public ImageSweeperTests()
    {
        _firstSweep = _time.NextTimerAsync(Hour);
        _server = KaffediemServer.Start(Setup());
        _client = _server.CreateClient();
    }

    [Fact]
    public async Task Image_that_no_item_shows_is_deleted_after_an_hour()
    {
        await _firstSweep;
        var replaced = await UploadAsync(_client, Png);
        var shown = await UploadAsync(_client, Gif);
        var ofADeletedItem = await UploadAsync(_client, Jpeg, Items + "/5");
        (await _client.DeleteAsync(Items + "/5")).Is(204);
        using var refused = Form(WebP, name: "Cortado");
        (await _client.SendAsync("PATCH", Item1, refused))
            .Is(422, """{"errors":{"name":["has already been taken"]}}""");
        Assert.Equal(4, Stored(_server).Length);

        await AdvanceAsync(Hour);

        Assert.Equal([Name(shown)], Stored(_server));
        (await _client.GetAsync(replaced)).Is(404);
        (await _client.GetAsync(ofADeletedItem)).Is(404);
        Assert.Equal(Gif, await ReadAsync(shown));
    }

    [Fact]
    public async Task Image_younger_than_an_hour_is_kept()
    {
        await _firstSweep;
        _time.Advance(TimeSpan.FromMinutes(30));
        await UploadAsync(_client, Png);
        (await _client.PatchAsync(Item1, """{"image":""}""")).Is(200);

        await AdvanceAsync(TimeSpan.FromMinutes(30));
        Assert.Single(Stored(_server));

        await AdvanceAsync(Hour);
        Assert.Empty(Stored(_server));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Image_that_is_sent_again_is_kept_for_another_hour(bool isUploadedAgain)
    {
        await _firstSweep;
        var url = await UploadAsync(_client, Png);
        await UploadAsync(_client, Gif);
        _time.Advance(TimeSpan.FromMinutes(59));

        // The reference is written and undone at once, so that only the image's new age protects it.
        var again = isUploadedAgain
            ? await UploadAsync(_client, Png)
            : (await _client.PatchAsync(Item1, $$"""{"image":"{{url}}"}""")).Is(200).GetProperty("image").GetString();
        (await _client.PatchAsync(Item1, """{"image":""}""")).Is(200);
        await AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(url, again);
        Assert.Equal([Name(url)], Stored(_server));
    }

    [Fact]
    public async Task Start_sweeps_too_and_leaves_foreign_files_alone()
    {
        await _firstSweep;
        var shown = await UploadAsync(_client, Gif);
        await UploadAsync(_client, Png, Items + "/2");
        (await _client.PatchAsync(Items + "/2", """{"image":""}""")).Is(200);
        await _server.StopAsync();
        string[] foreign = ["README.txt", "latte.png", "0123456789abcdef0123456789abcdef.svg", "upload-x.png"];
        string[] ours = ["upload-0123456789abcdef0123456789abcdef.tmp", "0123456789abcdef0123456789abcdef.png"];
        foreach (var name in foreign.Concat(ours))
        {
            var path = Path.Join(Folder(_server), name);
            await File.WriteAllTextAsync(path, name, TestContext.Current.CancellationToken);
            File.SetLastWriteTimeUtc(path, _time.GetUtcNow().UtcDateTime);
        }

        _time.Advance(Hour);
        var swept = _time.NextTimerAsync(Hour);
        await using var server = KaffediemServer.Start(Setup() with { DatabasePath = _server.DatabasePath });
        await swept;

        Assert.Equal(foreign.Append(Name(shown)).Order(), Stored(server));
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    private static string Name(string url) => url.Split('/')[^1];

    private ServerSetup Setup() => new() { ConfigureServices = services => services.AddSingleton<TimeProvider>(_time) };

    // Returns after the sweep that falls due: the sweeper then waits for the next hour.
    private async Task AdvanceAsync(TimeSpan time)
    {
        var swept = _time.NextTimerAsync(Hour);
        _time.Advance(time);
        await swept;
    }
}
