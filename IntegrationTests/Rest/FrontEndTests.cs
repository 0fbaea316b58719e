using System.Text;
using System.Text.Json;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Rest;

/// <summary>
/// The requests of the existing front end, and the changes that it then awaits (docs/design.md, "The front end").
/// </summary>
public sealed class FrontEndTests : IAsyncDisposable
{
    private readonly KaffediemServer _server = KaffediemServer.Start();
    private readonly RestClient _client;

    public FrontEndTests() => _client = _server.CreateClient();

    private long LastSeq => _server.Services.GetRequiredService<Database>().LastSeq;

    // The stats page sends {} when Enter is pressed on an order; forms send their id.
    [Theory]
    [InlineData("category", "PATCH")]
    [InlineData("item", "PATCH")]
    [InlineData("item", "PUT")]
    [InlineData("customization_key", "PATCH")]
    [InlineData("customization_value", "PATCH")]
    [InlineData("message", "PATCH")]
    [InlineData("status", "PATCH")]
    [InlineData("order", "PATCH")]
    [InlineData("order", "PUT")]
    public async Task Body_without_fields_is_accepted_and_not_broadcast(string collection, string method)
    {
        var seq = LastSeq;
        foreach (var body in (string[])["{}", """{"id":99}""", """{"id":null,"inserted_at":"x"}"""])
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            var answer = await _client.SendAsync(method, $"/api/collections/{collection}/records/1", content);

            Assert.Equal(1, answer.Is(200).GetProperty("id").GetInt64());
        }

        Assert.Equal(seq, LastSeq);
    }

    [Fact]
    public async Task Deleting_the_shown_message_clears_it_from_the_status_and_broadcasts_both()
    {
        (await _client.PatchAsync(
            "/api/collections/status/records/1", """{"show_message":true,"message_id":1}""")).Is(200);
        using var messages = await ScreenClient.JoinAsync(_server.BaseAddress, "message");
        using var statuses = await ScreenClient.JoinAsync(_server.BaseAddress, "status");
        var seq = LastSeq;

        (await _client.DeleteAsync("/api/collections/message/records/1")).Is(204);
        await statuses.ReachAsync(seq + 1);
        await messages.ReachAsync(seq + 2);

        Assert.Equal(seq + 2, LastSeq);
        Assert.Equal(["update 1"], statuses.Changes);
        Assert.Equal(["delete 1"], messages.Changes);
        Assert.Contains("\"message_id\":null", statuses.Records(), StringComparison.Ordinal);
    }

    // The button "Nullstill bestillinger" sends one PATCH for each order of the page, all at once.
    [Fact]
    public async Task Hundred_simultaneous_dispatches_all_succeed_and_are_broadcast()
    {
        const string Orders = "/api/collections/order/records";
        var placed = await Task.WhenAll(
            Enumerable.Range(0, 100).Select(_ => _client.PostAsync(Orders, """{"items":[{"item":1}]}""")));
        var ids = placed.Select(answer => answer.Is(201).GetProperty("id").GetInt64()).ToList();
        using var client = await ScreenClient.JoinAsync(_server.BaseAddress, "order");

        var answers = await Task.WhenAll(
            ids.Select(id => _client.PatchAsync($"{Orders}/{id}", """{"state":"dispatched"}""")));
        Assert.All(answers, answer => Assert.Equal("dispatched", answer.Is(200).GetProperty("state").GetString()));
        await client.ReachAsync(LastSeq);

        Assert.Empty(client.Faults);
        Assert.Equal(ids.Select(id => $"update {id}").Order(), client.Changes.Order());
    }

    [Fact]
    public async Task Item_is_written_as_a_form_with_text_fields()
    {
        const string Items = "/api/collections/item/records";

        var item = (await SendFormAsync("POST", Items, ("name", "Mokka"), ("price_nok", "30"), ("category_id", "1"),
            ("enable", "true"), ("sort_order", "-20"))).Is(201);
        var patched = (await SendFormAsync("PATCH", $"{Items}/{item.GetProperty("id").GetInt64()}",
            ("name", "Mokka ☕"), ("price_nok", "31"), ("category_id", "2"), ("enable", "false"),
            ("sort_order", "0"))).Is(200);

        Assert.Equal((30, 1, true, -20), Fields(item));
        Assert.Equal((31, 2, false, 0), Fields(patched));
        Assert.Equal("Mokka ☕", patched.GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("""{"title":""}""")]
    [InlineData("""{"title":null}""")]
    [InlineData("""{"title":"","subtitle":""}""")]
    public async Task Message_is_emptied(string body)
    {
        var message = (await _client.PatchAsync("/api/collections/message/records/1", body)).Is(200);

        Assert.Equal("", message.GetProperty("title").GetString());
    }

    [Theory]
    [InlineData("""{"default_value":"2"}""", "\"2\"")]
    [InlineData("""{"default_value":""}""", "null")]
    public async Task Default_of_a_key_is_text(string body, string expected)
    {
        var key = (await _client.PatchAsync("/api/collections/customization_key/records/1", body)).Is(200);

        Assert.Equal(expected, key.GetProperty("default_value").GetRawText());
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    private async Task<RestAnswer> SendFormAsync(
        string method, string path, params (string Name, string Value)[] fields)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (name, value) in fields)
        {
            form.Add(new StringContent(value), name);
        }

        return await _client.SendAsync(method, path, form);
    }

    private static (long Price, long Category, bool IsEnabled, long SortOrder) Fields(JsonElement item) => (
        item.GetProperty("price_nok").GetInt64(), item.GetProperty("category_id").GetInt64(),
        item.GetProperty("enable").GetBoolean(), item.GetProperty("sort_order").GetInt64());
}
