using Kaffediem.IntegrationTests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Records;

/// <summary><c>ETag</c>, <c>If-None-Match</c>: a client that has the answer gets a 304 (RFC 9110 §13.1.2).</summary>
public sealed class ETagTests : IAsyncDisposable
{
    private const string Root = "/api/collections/";
    private const string Orders = Root + "order/records";
    private const string Order = """{"items":[{"item":1}]}""";

    private static readonly string[] ConditionHeaders =
        ["If-Match", "If-None-Match", "Idempotency-Key", "Last-Event-ID"];

    private static readonly string[] Collections =
        ["category", "item", "customization_key", "customization_value", "message", "status", "order"];

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 23, 59, 0, TimeSpan.Zero));
    private readonly KaffediemServer _server;
    private readonly RestClient _client;

    public ETagTests()
    {
        _server = KaffediemServer.Start(new ServerSetup
        {
            ConfigureServices = services => services.AddSingleton<TimeProvider>(_time),
        });
        _client = _server.CreateClient();
    }

    public static TheoryData<string> Reads =>
    [
        .. Collections.Select(collection => $"{Root}{collection}/records"),
        .. Collections.Select(collection => $"{Root}{collection}/records/1"),
        Orders + "?from_date=today",
        Orders + "?page=1&sort=-id",
    ];

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task Unchanged_answer_returns_304(string path)
    {
        var first = await _client.GetAsync(path);
        first.Is(200);
        var tag = first.Header("ETag")!;

        var second = await GetAsync(path, tag);

        Assert.Equal((304, "", tag), (second.Status, second.Text, second.Header("ETag")));
        Assert.Matches("^\"[^\"]+\"$", tag);
        Assert.Equal(first.Header("Cache-Control"), second.Header("Cache-Control"));
    }

    [Theory]
    [InlineData("\"x\", {0}", 304)]
    [InlineData("W/{0}", 304)]
    [InlineData("*", 304)]
    [InlineData("\"x\"", 200)]
    [InlineData("x", 200)]
    [InlineData("", 200)]
    public async Task Any_of_several_tags_may_match_weakly(string header, int status)
    {
        var list = (await _client.GetAsync(Orders)).Header("ETag")!;
        var record = (await _client.GetAsync(Orders + "/1")).Header("ETag")!;

        (await GetAsync(Orders, string.Format(null, header, list))).Is(status);
        (await GetAsync(Orders + "/1", string.Format(null, header, record))).Is(status);
    }

    [Fact]
    public async Task HEAD_is_answered_like_GET()
    {
        foreach (var path in new[] { Orders, Orders + "/1" })
        {
            var get = await _client.GetAsync(path);
            var head = await _client.SendAsync("HEAD", path);
            var again = await _client.SendAsync("HEAD", path, json: null, ("If-None-Match", get.Header("ETag")!));

            Assert.Equal((200, "", get.Header("ETag")), (head.Status, head.Text, head.Header("ETag")));
            Assert.Equal(get.Header("Content-Length"), head.Header("Content-Length"));
            Assert.Equal((304, get.Header("ETag")), (again.Status, again.Header("ETag")));
        }
    }

    [Theory]
    [InlineData(Orders, Orders + "/2", """{"state":"dispatched"}""")]
    [InlineData(Orders, Root + "customization_key/records/2", """{"label_color":"#123456"}""")]
    [InlineData(Root + "item/records", Root + "category/records/1", """{"name":"Annet"}""")]
    [InlineData(Root + "message/records", Root + "message/records/1", """{"title":"Annet"}""")]
    [InlineData(Root + "status/records", Root + "status/records/1", """{"open":true,"show_message":true}""")]
    public async Task Changed_answer_is_sent_whole(string list, string record, string change)
    {
        var first = await _client.GetAsync(list);
        (await GetAsync(list, first.Header("ETag")!)).Is(304);
        (await _client.PatchAsync(record, change)).Is(200);

        var second = await GetAsync(list, first.Header("ETag")!);

        second.Is(200);
        Assert.NotEqual(first.Header("ETag"), second.Header("ETag"));
        Assert.NotEqual(first.Text, second.Text);
    }

    [Fact]
    public async Task Change_of_another_collection_leaves_the_tag_of_a_list_valid()
    {
        var items = (await _client.GetAsync(Root + "item/records")).Header("ETag")!;

        (await _client.PostAsync(Orders, Order)).Is(201);

        (await GetAsync(Root + "item/records", items)).Is(304);
    }

    [Fact]
    public async Task Invented_hosts_and_queries_do_not_evict_every_tag()
    {
        var tag = (await _client.GetAsync(Orders)).Header("ETag")!;

        for (var i = 0; i < 64; i++)
        {
            (await _client.SendAsync("GET", Orders, json: null, ("Host", $"{i}.example"))).Is(200);
        }

        for (var i = 1; i < 64; i++)
        {
            (await _client.GetAsync($"{Orders}?perPage=1&page={i}")).Is(200);
        }

        // A change by another program is not in the log, so a 304 proves that the server did not read the orders.
        SqliteFile.Execute(_server.DatabasePath, """DELETE FROM "order" """);
        (await GetAsync(Orders, tag)).Is(304);
        (await GetAsync(Orders + "?perPage=64", tag)).Is(200);
        (await GetAsync(Orders, tag)).Is(200);
    }

    [Fact]
    public async Task Lists_with_different_queries_have_different_tags()
    {
        var all = (await _client.GetAsync(Orders)).Header("ETag")!;

        (await GetAsync(Orders + "?sort=-id", all)).Is(200);
        (await GetAsync(Orders + "?customer_id=99", all)).Is(200);
        (await GetAsync(Orders, all)).Is(304);
    }

    [Fact]
    public async Task Tag_of_todays_list_expires_at_midnight_without_any_change()
    {
        (await _client.PostAsync(Orders, Order)).Is(201);
        var today = await _client.GetAsync(Orders + "?from_date=today");
        Assert.Single(today.Items);
        (await GetAsync(Orders + "?from_date=today", today.Header("ETag")!)).Is(304);

        _time.Advance(TimeSpan.FromMinutes(1));

        var tomorrow = await GetAsync(Orders + "?from_date=today", today.Header("ETag")!);
        tomorrow.Is(200);
        Assert.Empty(tomorrow.Items);
    }

    [Fact]
    public async Task Answer_to_a_write_has_the_tag_of_the_record()
    {
        var created = await _client.PostAsync(Orders, Order);
        var path = $"{Orders}/{created.Is(201).GetProperty("id")}";
        (await GetAsync(path, created.Header("ETag")!)).Is(304);

        var changed = await _client.PatchAsync(path, """{"state":"completed"}""");

        (await GetAsync(path, created.Header("ETag")!)).Is(200);
        (await GetAsync(path, changed.Header("ETag")!)).Is(304);
    }

    [Fact]
    public async Task Page_of_the_front_end_may_read_and_send_the_headers()
    {
        _client.Headers.Add("Origin", "http://localhost:5173");
        var tag = (await _client.GetAsync(Orders)).Header("ETag")!;
        using var preflight = _server.CreateClient();
        preflight.Headers.Add("Origin", "http://localhost:5173");
        preflight.Headers.Add("Access-Control-Request-Method", "PATCH");
        preflight.Headers.Add("Access-Control-Request-Headers", string.Join(',', ConditionHeaders));

        var unchanged = await GetAsync(Orders, tag);
        var allowed = (await preflight.SendAsync("OPTIONS", Orders)).Header("Access-Control-Allow-Headers")!.Split(',');

        Assert.Equal(304, unchanged.Status);
        Assert.Equal("http://localhost:5173", unchanged.Header("Access-Control-Allow-Origin"));
        Assert.Equal(
            "ETag,Idempotency-Replayed,Location,Retry-After", unchanged.Header("Access-Control-Expose-Headers"));
        Assert.Empty(ConditionHeaders.Except(allowed));
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    private Task<RestAnswer> GetAsync(string path, string tag) =>
        _client.SendAsync("GET", path, json: null, ("If-None-Match", tag));
}
