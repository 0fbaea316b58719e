using Kaffediem.IntegrationTests.Support;
using static Kaffediem.IntegrationTests.Images.ImageFiles;

namespace Kaffediem.IntegrationTests.Images;

/// <summary>Channels send the same image addresses as REST; clients show them and send them back.</summary>
public sealed class RealtimeImageTests : IAsyncDisposable
{
    private readonly KaffediemServer _server = KaffediemServer.Start();
    private readonly RestClient _client;

    public RealtimeImageTests() => _client = _server.CreateClient();

    [Fact]
    public async Task Clients_see_an_uploaded_image_under_its_absolute_address_in_changes_and_snapshots()
    {
        using var before = await ScreenClient.JoinAsync(_server.BaseAddress, "item");
        var url = await UploadAsync(_client, Png);
        await before.ReachAsync(await SeqAsync());

        using var after = await ScreenClient.JoinAsync(_server.BaseAddress, "item");
        using var menu = await ScreenClient.JoinAsync(_server.BaseAddress, "menu");

        Assert.Contains($"\"image\":\"{url}\"", before.Records(), StringComparison.Ordinal);
        Assert.Equal(before.Records(), after.Records());
        Assert.Contains($"\"image\":\"{url}\"", menu.Joined.ToJsonString(Json.Relaxed), StringComparison.Ordinal);
        Assert.DoesNotContain("\"/uploads/", menu.Joined.ToJsonString(Json.Relaxed), StringComparison.Ordinal);
        Assert.Empty(before.Faults);
    }

    [Fact]
    public async Task Address_sent_back_is_not_broadcast()
    {
        var url = await UploadAsync(_client, Png);
        using var client = await ScreenClient.JoinAsync(_server.BaseAddress, "item");

        (await _client.PatchAsync(Items + "/1", $$"""{"image":"{{url}}"}""")).Is(200);
        (await _client.PatchAsync(Items + "/2", """{"sort_order":42}""")).Is(200);
        await client.ReachAsync(await SeqAsync());

        Assert.Equal(["update 2"], client.Changes);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    private async Task<long> SeqAsync() => (await _client.GetAsync("/health")).Is(200).GetProperty("seq").GetInt64();
}
