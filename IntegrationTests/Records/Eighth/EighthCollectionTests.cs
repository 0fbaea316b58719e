using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Shop.Screens;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Sqlite;
using Kaffediem.Persistence.Sqlite.Maintenance;
using Kaffediem.Server.Bodies;
using Kaffediem.Server.Records;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Records.Eighth;

/// <summary>
/// A new collection takes a store with its record, and one line that registers it: then it is served everywhere.
/// </summary>
public sealed class EighthCollectionTests : IAsyncDisposable
{
    private const string Shifts = "/api/collections/shift/records";

    private readonly KaffediemServer _server = KaffediemServer.Start(new ServerSetup
    {
        ConfigureServices = services => services.AddCollection(new ShiftStore(), ReadDraft, ReadPatch),
    });

    private readonly RestClient _client;

    public EighthCollectionTests()
    {
        SqliteFile.Execute(_server.DatabasePath, ShiftStore.Migration);
        _client = _server.CreateClient();
    }

    private long LastSeq => _server.Services.GetRequiredService<Database>().LastSeq;

    [Fact]
    public async Task Rest_creates_finds_changes_and_deletes_records()
    {
        var created = await _client.PostAsync(Shifts, """{"barista":"Kari","starts_at":8}""");
        created.Is(201, """{"id":1,"barista":"Kari","starts_at":8}""");
        Assert.Equal($"{Shifts}/1", created.Header("Location"));

        (await _client.PatchAsync($"{Shifts}/1", """{"starts_at":9}""")).Is(
            200, """{"id":1,"barista":"Kari","starts_at":9}""");
        (await _client.GetAsync($"{Shifts}/1")).Is(200, """{"id":1,"barista":"Kari","starts_at":9}""");
        (await _client.PostAsync(Shifts, """{"starts_at":8}""")).Is(
            422, """{"errors":{"barista":["can't be blank"]}}""");
        Assert.Equal(204, (await _client.DeleteAsync($"{Shifts}/1")).Status);
        Assert.Equal(404, (await _client.GetAsync($"{Shifts}/1")).Status);
    }

    [Fact]
    public async Task Rest_sorts_and_pages_the_list()
    {
        await _client.PostAsync(Shifts, """{"barista":"Kari","starts_at":9}""");
        await _client.PostAsync(Shifts, """{"barista":"Ola","starts_at":8}""");
        await _client.PostAsync(Shifts, """{"barista":"Anne","starts_at":10}""");

        Assert.Equal("Ola, Kari, Anne", await BaristasAsync(""));
        Assert.Equal("Anne, Kari, Ola", await BaristasAsync("?sort=barista"));
        Assert.Equal("Anne", await BaristasAsync("?page=2&perPage=2"));
        (await _client.GetAsync($"{Shifts}?sort=salary")).Is(400);
    }

    [Fact]
    public async Task A_channel_answers_joins_and_broadcasts_changes()
    {
        await _client.PostAsync(Shifts, """{"barista":"Kari","starts_at":8}""");
        using var screen = await ScreenClient.JoinAsync(_server.BaseAddress, ShiftStore.Collection);

        await _client.PostAsync(Shifts, """{"barista":"Ola","starts_at":9}""");
        await _client.PatchAsync($"{Shifts}/2", """{"barista":"Ole"}""");
        await _client.DeleteAsync($"{Shifts}/1");
        await screen.ReachAsync(LastSeq);

        Assert.Equal("""[{"id":2,"barista":"Ole","starts_at":9}]""", screen.Records());
        Assert.Equal(["create 2", "update 2", "delete 1"], screen.Changes);
        Assert.Empty(screen.Faults);
    }

    [Fact]
    public async Task An_event_stream_sends_its_records_and_changes()
    {
        await _client.PostAsync(Shifts, """{"barista":"Kari","starts_at":8}""");
        using var http = new HttpClient { BaseAddress = _server.BaseAddress };
        using var stream = await SseScreen.OpenAsync(http, "collections=shift,status");

        await _client.PostAsync(Shifts, """{"barista":"Ola","starts_at":9}""");
        await stream.ReachAsync(ShiftStore.Collection, LastSeq);

        Assert.Equal(
            """[{"id":1,"barista":"Kari","starts_at":8},{"id":2,"barista":"Ola","starts_at":9}]""",
            stream.Records(ShiftStore.Collection));
        Assert.Empty(stream.Faults);
    }

    [Fact]
    public async Task The_openapi_document_describes_it()
    {
        var document = (await _client.GetAsync("/openapi/v1.json")).Node;

        var schemas = document["components"]!["schemas"]!;
        Assert.NotNull(document["paths"]![Shifts]!["get"]);
        Assert.NotNull(document["paths"]![Shifts + "/{id}"]!["patch"]);
        Assert.Equal(["id", "barista", "starts_at"], Names(schemas["Shift"]!["properties"]!));
        Assert.Equal(["barista"], schemas["ShiftDraft"]!["required"]!.AsArray().Select(name => (string?)name));
        Assert.Equal(["barista", "starts_at"], Names(schemas["ShiftPatch"]!["properties"]!));
    }

    [Fact]
    public async Task Refusals_of_unknown_collections_name_it()
    {
        Assert.Contains(
            "\"shifts\" is not a collection; the collections are shift, ",
            (await _client.GetAsync("/api/collections/shifts/records")).Text.Replace("\\\"", "\""),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Front_page_names_it_and_not_the_menu_which_has_no_endpoints()
    {
        var page = (await _client.GetAsync("/")).Text;

        Assert.Contains(", shift)", page, StringComparison.Ordinal);
        Assert.DoesNotContain("menu,", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_compares_its_records_with_the_log()
    {
        await _client.PostAsync(Shifts, """{"barista":"Kari","starts_at":8}""");
        await _server.StopAsync();

        var options = new DatabaseOptions { Path = _server.DatabasePath };
        Assert.Empty(DatabaseCheck.Run(options).Problems);
        SqliteFile.Execute(_server.DatabasePath, "DELETE FROM shift");
        Assert.StartsWith(
            "1 records that the log has are missing",
            Assert.Single(DatabaseCheck.Run(options).Problems),
            StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    private static ShiftDraft ReadDraft(FieldReader body) => new()
    {
        Barista = body.RequiredText("barista"),
        StartsAt = body.Integer("starts_at") ?? 0,
    };

    private static ShiftPatch ReadPatch(FieldReader body) => new()
    {
        Barista = body.IfNamed("barista", body.RequiredText),
        StartsAt = body.IfNamed("starts_at", body.RequiredInteger),
    };

    private static IEnumerable<string> Names(JsonNode properties) =>
        properties.AsObject().Select(property => property.Key);

    private async Task<string> BaristasAsync(string query) => string.Join(
        ", ", (await _client.GetAsync(Shifts + query)).Items.Select(shift => shift.GetProperty("barista").GetString()));
}
