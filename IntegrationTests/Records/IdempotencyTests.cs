using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Records;

/// <summary>A POST with an <c>Idempotency-Key</c> may be retried: it creates its record once.</summary>
public sealed class IdempotencyTests : IAsyncDisposable
{
    private const string Orders = "/api/collections/order/records";
    private const string Notices = "/api/collections/message/records";
    private const string Order = """{"items":[{"item":1,"customizations":[{"key":1,"value":[1]}]}]}""";
    private const string Key = "8e03978e-40d5-43dd-bc93-6894a57f9324";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero));
    private readonly List<RestClient> _clients = [];
    private readonly KaffediemServer _server;

    public IdempotencyTests() => _server = Start(new ServerSetup());

    [Theory]
    [InlineData("category", """{"name":"Kaker"}""")]
    [InlineData("item", """{"name":"Bolle","price_nok":30,"category_id":1}""")]
    [InlineData("customization_key", """{"name":"Glass"}""")]
    [InlineData("customization_value", """{"name":"Stort","belongs_to":1}""")]
    [InlineData("message", """{"title":"Stengt","subtitle":null}""")]
    [InlineData("status", """{"open":true}""")]
    [InlineData("order", Order)]
    public async Task Retried_request_gets_the_same_answer_and_creates_nothing(string collection, string body)
    {
        var path = $"/api/collections/{collection}/records";
        var first = await PostAsync(path, body);
        var (count, seq) = ((await Client().GetAsync(path)).Items.Length, LastSeq());

        var second = await PostAsync(path, body);

        first.Is(201);
        Assert.Equal((201, first.Text), (second.Status, second.Text));
        Assert.Equal((null, "true"), (first.Header("Idempotency-Replayed"), second.Header("Idempotency-Replayed")));
        Assert.Equal(first.Header("ETag"), second.Header("ETag"));
        Assert.Equal((count, seq), ((await Client().GetAsync(path)).Items.Length, LastSeq()));
    }

    [Fact]
    public async Task Fifty_simultaneous_requests_create_one_order_and_one_broadcast()
    {
        using var client = await ScreenClient.JoinAsync(_server.BaseAddress, "order");

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => PostAsync(Orders, Order)));

        Assert.All(answers, answer => answer.Is(201));
        Assert.Single(answers.Select(answer => answer.Text).Distinct());
        Assert.Equal(49, answers.Count(answer => answer.Header("Idempotency-Replayed") == "true"));
        var other = (await Client().PostAsync(Orders, Order)).Is(201).GetProperty("id");
        await client.ReachAsync(LastSeq());
        Assert.Equal([$"create {answers[0].Json.GetProperty("id")}", $"create {other}"], client.Changes);
    }

    [Fact]
    public async Task Retried_request_gets_the_first_answer_after_later_changes_of_the_record()
    {
        var first = await PostAsync(Orders, Order);
        var path = $"{Orders}/{first.Json.GetProperty("id")}";
        (await Client().PatchAsync(path, """{"state":"completed"}""")).Is(200);
        Assert.Equal(first.Text, (await PostAsync(Orders, Order)).Text);

        (await Client().DeleteAsync(path)).Is(204);

        Assert.Equal(first.Text, (await PostAsync(Orders, Order)).Text);
        (await Client().GetAsync(path)).Is(404);
    }

    [Theory]
    [InlineData("""{"items":[{"item":2}]}""")]
    [InlineData("""{"items":[{"item":1,"customizations":[{"key":1,"value":[1]}]}] }""")]
    public async Task Different_body_under_the_same_key_is_refused(string body)
    {
        (await PostAsync(Orders, Order)).Is(201);

        (await PostAsync(Orders, body)).Is(422, """{"errors":{"Idempotency-Key":["was used with another body"]}}""");
    }

    [Fact]
    public async Task Refused_request_may_be_retried()
    {
        const string Cake = """{"name":"Kake","price_nok":30,"category_id":1}""";
        const string Items = "/api/collections/item/records";
        var other = (await Client().PostAsync(Items, Cake)).Is(201).GetProperty("id");
        (await PostAsync(Items, Cake)).Is(422, """{"errors":{"name":["has already been taken"]}}""");
        (await Client().DeleteAsync($"{Items}/{other}")).Is(204);

        (await PostAsync(Items, Cake)).Is(201);
    }

    [Fact]
    public async Task Key_survives_a_restart()
    {
        var first = await PostAsync(Orders, Order);
        await _server.StopAsync();
        await using var again = Start(new ServerSetup { DatabasePath = _server.DatabasePath });
        using var client = again.CreateClient();

        var second = await client.SendAsync("POST", Orders, Order, ("Idempotency-Key", Key));

        Assert.Equal((201, first.Text), (second.Status, second.Text));
        Assert.Equal("true", second.Header("Idempotency-Replayed"));
    }

    [Fact]
    public async Task Key_is_kept_for_a_day()
    {
        var first = (await PostAsync(Orders, Order)).Is(201).GetProperty("id").GetInt64();
        _time.Advance(TimeSpan.FromHours(24));
        Assert.Equal(first, (await PostAsync(Orders, Order)).Is(201).GetProperty("id").GetInt64());

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.NotEqual(first, (await PostAsync(Orders, Order)).Is(201).GetProperty("id").GetInt64());
    }

    [Fact]
    public async Task Keys_of_different_users_and_collections_are_independent()
    {
        using var administrator = _server.CreateClient();
        (await administrator.SignInAsync()).Is(200);
        var anonymous = await PostAsync(Notices, "{}");

        var signedIn = await administrator.SendAsync(
            "POST", Notices, "{}", ("Idempotency-Key", Key));
        var status = await PostAsync("/api/collections/status/records", "{}");

        Assert.Equal((201, 201, 201), (anonymous.Status, signedIn.Status, status.Status));
        Assert.NotEqual(anonymous.Text, signedIn.Text);
        Assert.Null(status.Header("Idempotency-Replayed"));
    }

    [Theory]
    [InlineData("title", "Hei", 201)]
    [InlineData("title", "Hallo", 422)]
    [InlineData("subtitle", "Hei", 422)]
    public async Task Form_is_compared_by_its_fields_not_its_boundary(string name, string value, int status)
    {
        (await PostFormAsync("title", "Hei", "first")).Is(201);

        var second = await PostFormAsync(name, value, "second");

        second.Is(status);
        Assert.Equal(status == 201 ? "true" : null, second.Header("Idempotency-Replayed"));
    }

    [Theory]
    [InlineData("with a space")]
    [InlineData("one, another")]
    [InlineData("")]
    public async Task Malformed_key_returns_400(string key)
    {
        var seq = LastSeq();

        (await Client().SendAsync("POST", Orders, Order, ("Idempotency-Key", key))).Is(
            400, """{"errors":{"Idempotency-Key":["must be 1 to 255 visible ASCII characters"]}}""");
        Assert.Equal(seq, LastSeq());
    }

    [Theory]
    [InlineData(255, 201)]
    [InlineData(256, 400)]
    public async Task Key_has_at_most_255_characters(int length, int status)
    {
        (await Client().SendAsync("POST", Orders, Order, ("Idempotency-Key", new string('k', length)))).Is(status);
    }

    [Fact]
    public async Task Quoted_key_differs_from_the_bare_one()
    {
        var bare = await Client().SendAsync("POST", Orders, Order, ("Idempotency-Key", "a"));
        var quoted = await Client().SendAsync("POST", Orders, Order, ("Idempotency-Key", "\"a\""));

        Assert.Equal((201, 201), (bare.Status, quoted.Status));
        Assert.NotEqual(bare.Text, quoted.Text);
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await _server.DisposeAsync();
    }

    private KaffediemServer Start(ServerSetup setup) => KaffediemServer.Start(setup with
    {
        ConfigureServices = services => services.AddSingleton<TimeProvider>(_time),
    });

    private RestClient Client()
    {
        var client = _server.CreateClient();
        _clients.Add(client);
        return client;
    }

    private Task<RestAnswer> PostAsync(string path, string body) =>
        Client().SendAsync("POST", path, body, ("Idempotency-Key", Key));

    private async Task<RestAnswer> PostFormAsync(string name, string value, string boundary)
    {
        using var form = new MultipartFormDataContent(boundary) { { new StringContent(value), name } };
        return await Client().SendAsync("POST", Notices, form, ("Idempotency-Key", Key));
    }

    private long LastSeq() => _server.Services.GetRequiredService<Database>().LastSeq;
}
