using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Orders;

/// <summary>An order with a UUID from the client may be retried: it is placed once.</summary>
public sealed class OrderUuidTests : IAsyncDisposable
{
    private const string Orders = "/api/collections/order/records";
    private const string Uuid = "0b1e9f62-8e0b-4c55-a7a3-6a3bd3a8dc11";
    private const string Order = $$"""{"uuid":"{{Uuid}}","items":[{"item":1}]}""";
    private const string Taken = """{"errors":{"uuid":["has already been taken"]}}""";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero));
    private readonly KaffediemServer _server;
    private readonly RestClient _client;

    public OrderUuidTests()
    {
        _server = KaffediemServer.Start(new ServerSetup
        {
            ConfigureServices = services => services.AddSingleton<TimeProvider>(_time),
        });
        _client = _server.CreateClient();
    }

    [Fact]
    public async Task Retried_order_is_placed_once_and_gets_the_original_answer()
    {
        var first = await _client.PostAsync(Orders, Order);
        Assert.Equal(Uuid, first.Is(201).GetProperty("uuid").GetString());
        (await _client.PatchAsync($"{Orders}/{first.Json.GetProperty("id")}", """{"state":"completed"}""")).Is(200);
        var seq = _server.Services.GetRequiredService<Database>().LastSeq;

        var second = await _client.PostAsync(Orders, Order);

        Assert.Equal((201, first.Text), (second.Status, second.Text));
        Assert.Equal("true", second.Header("Idempotency-Replayed"));
        Assert.Equal(6, (await _client.GetAsync(Orders)).Items.Length);
        Assert.Equal(seq, _server.Services.GetRequiredService<Database>().LastSeq);
    }

    [Fact]
    public async Task Simultaneous_orders_with_one_UUID_are_one_order()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => _client.PostAsync(Orders, Order)));

        Assert.Single(answers.Select(answer => answer.Is(201).GetProperty("id").GetInt64()).Distinct());
        Assert.Equal(6, (await _client.GetAsync(Orders)).Items.Length);
    }

    [Fact]
    public async Task Different_order_under_the_same_UUID_is_refused()
    {
        (await _client.PostAsync(Orders, Order)).Is(201);

        (await _client.PostAsync(Orders, $$"""{"uuid":"{{Uuid}}","items":[{"item":2}]}""")).Is(422, Taken);
    }

    [Fact]
    public async Task UUID_never_expires()
    {
        (await _client.PostAsync(Orders, Order)).Is(201);
        _time.Advance(TimeSpan.FromDays(2));

        (await _client.PostAsync(Orders, Order)).Is(422, Taken);
        (await _client.PostAsync(Orders, """{"uuid":"e3acde8e-2d85-4e7e-8e4a-8cb6bdb42d46","items":[{"item":1}]}"""))
            .Is(422, Taken);
    }

    [Fact]
    public async Task UUID_is_stored_in_lower_case()
    {
        var body = Order.Replace(Uuid, Uuid.ToUpperInvariant(), StringComparison.Ordinal);

        Assert.Equal(Uuid, (await _client.PostAsync(Orders, body)).Is(201).GetProperty("uuid").GetString());
        (await _client.PostAsync(Orders, Order)).Is(422, Taken);
    }

    [Theory]
    [InlineData("\"mine\"")]
    [InlineData("7")]
    [InlineData("\" 0b1e9f62-8e0b-4c55-a7a3-6a3bd3a8dc11\"")]
    [InlineData("\"0b1e9f628e0b4c55a7a36a3bd3a8dc11\"")]
    [InlineData("\"{0b1e9f62-8e0b-4c55-a7a3-6a3bd3a8dc11}\"")]
    [InlineData("\"0x1e9f62-8e0b-4c55-a7a3-6a3bd3a8dc11\"")]
    public async Task Malformed_UUID_is_refused(string uuid)
    {
        (await _client.PostAsync(Orders, $$"""{"uuid":{{uuid}},"items":[{"item":1}]}"""))
            .Is(422, """{"errors":{"uuid":["is invalid"]}}""");
    }

    [Fact]
    public async Task Idempotency_key_and_UUID_work_together()
    {
        var first = await PostAsync("a");
        var second = await PostAsync("b");

        Assert.Equal(first.Text, second.Text);
        (await _client.SendAsync("POST", Orders, """{"items":[{"item":2}]}""", ("Idempotency-Key", "b")))
            .Is(422, """{"errors":{"Idempotency-Key":["was used with another body"]}}""");

        Task<RestAnswer> PostAsync(string key) => _client.SendAsync("POST", Orders, Order, ("Idempotency-Key", key));
    }

    [Fact]
    public async Task Change_keeps_the_UUID()
    {
        var before = (await _client.GetAsync(Orders + "/1")).Json.GetProperty("uuid").GetString();

        var after = (await _client.PatchAsync(Orders + "/1", $$"""{"uuid":"{{Uuid}}","state":"completed"}""")).Is(200);

        Assert.Equal(before, after.GetProperty("uuid").GetString());
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }
}
