using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Records;

/// <summary>A 201 names the created record in <c>Location</c> (RFC 9110 §15.3.2).</summary>
public sealed class LocationTests : IAsyncDisposable
{
    private readonly KaffediemServer _server = KaffediemServer.Start(new ServerSetup
    {
        Settings = { ["Proxies"] = "127.0.0.1" },
    });

    private readonly RestClient _client;

    public LocationTests() => _client = _server.CreateClient();

    public static TheoryData<string, string> Drafts() => new()
    {
        { "category", """{"name":"Is"}""" },
        { "item", """{"name":"Mokka","price_nok":30,"category_id":1}""" },
        { "customization_key", """{"name":"Is"}""" },
        { "customization_value", """{"name":"Mye","belongs_to":1}""" },
        { "message", "{}" },
        { "status", "{}" },
        { "order", """{"items":[{"item":1}]}""" },
    };

    [Theory]
    [MemberData(nameof(Drafts))]
    public async Task Location_names_the_new_record(string collection, string draft)
    {
        var created = await _client.PostAsync($"/api/collections/{collection}/records", draft);

        var record = created.Is(201);
        Assert.Equal($"/api/collections/{collection}/records/{record.GetProperty("id")}", created.Header("Location"));
        (await _client.GetAsync(created.Header("Location")!)).Is(200, created.Text);
    }

    [Theory]
    [MemberData(nameof(Drafts))]
    public async Task Retry_has_the_same_location(string collection, string draft)
    {
        var path = $"/api/collections/{collection}/records";
        var created = await _client.SendAsync("POST", path, draft, ("Idempotency-Key", "k1"));
        var retried = await _client.SendAsync("POST", path, draft, ("Idempotency-Key", "k1"));

        Assert.Equal((201, "true"), (retried.Status, retried.Header("Idempotency-Replayed")));
        Assert.NotNull(created.Header("Location"));
        Assert.Equal(created.Header("Location"), retried.Header("Location"));
    }

    /// <summary>Without a scheme and a host it leads back through the proxy that the client used.</summary>
    [Fact]
    public async Task Location_has_no_host_behind_a_proxy()
    {
        var created = await _client.SendAsync(
            "POST",
            "/api/collections/message/records",
            "{}",
            ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Host", "api.shop.example"));

        var id = created.Is(201).GetProperty("id");
        Assert.Equal($"/api/collections/message/records/{id}", created.Header("Location"));
    }

    [Theory]
    [InlineData("PATCH", "/1", """{"title":"Ny"}""", 200)]
    [InlineData("POST", "", """{"title":5}""", 422)]
    public async Task Other_answers_have_no_location(string method, string id, string body, int status)
    {
        var answer = await _client.SendAsync(method, "/api/collections/message/records" + id, body);

        answer.Is(status);
        Assert.Null(answer.Header("Location"));
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }
}
