using System.Text.Json;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Orders;

/// <summary>
/// <c>created</c> and <c>updated</c> of orders have milliseconds, unless Kaffebase wrote them. The front desk sorts by
/// <c>created</c> and shows the number of the last order.
/// </summary>
public sealed class OrderTimeTests : IAsyncDisposable
{
    private const string Orders = "/api/collections/order/records";
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 9, 0, 0, 250, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Start);
    private readonly KaffediemServer _server;
    private readonly RestClient _client;

    public OrderTimeTests()
    {
        _server = Serve(databasePath: null);
        _client = _server.CreateClient();
    }

    [Fact]
    public async Task Orders_of_one_second_differ_in_created()
    {
        var first = await PlaceAsync();
        _time.Advance(TimeSpan.FromMilliseconds(7));
        var second = await PlaceAsync();

        Assert.Equal("2026-11-24T09:00:00.250Z", Text(first, "created"));
        Assert.Equal("2026-11-24T09:00:00.257Z", Text(second, "created"));
        Assert.Equal(Text(second, "created"), Text(second, "updated"));
    }

    [Fact]
    public async Task Inserted_at_and_updated_at_stay_in_whole_seconds()
    {
        var order = await PlaceAsync();

        Assert.Equal("2026-11-24T09:00:00", Text(order, "inserted_at"));
        Assert.Equal("2026-11-24T09:00:00", Text(order, "updated_at"));
    }

    [Fact]
    public async Task Update_sets_updated_to_the_millisecond()
    {
        var order = (await _client.PatchAsync(Orders + "/1", """{"state":"production"}""")).Is(200);

        Assert.Equal("2026-11-24T09:00:00.250Z", Text(order, "updated"));
        Assert.Equal("2026-11-24T09:00:00", Text(order, "updated_at"));
        Assert.Equal("2026-11-23T12:57:01Z", Text(order, "created"));
    }

    [Theory]
    [InlineData("2026-11-24T09:00:00", 2)]
    [InlineData("2026-11-24T09:00:00.25Z", 2)]
    [InlineData("2026-11-24T09:00:00.2500001Z", 1)]
    [InlineData("2026-11-24T09:00:00.251Z", 1)]
    [InlineData("2026-11-24T09:00:01Z", 1)]
    [InlineData("2026-11-24T09:00:01.000Z", 1)]
    [InlineData("2026-11-24T09:00:01.001Z", 0)]
    [InlineData("2026-11-23T12:57:01Z", 7)]
    [InlineData("2026-11-23T12:57:01.001Z", 2)]
    [InlineData("today", 2)]
    public async Task From_date_filters_to_the_millisecond(string fromDate, int count)
    {
        await PlaceAsync();
        _time.Advance(TimeSpan.FromMilliseconds(750));
        await PlaceAsync();

        var list = await _client.GetAsync($"{Orders}?from_date={fromDate}");

        list.Is(200);
        Assert.Equal(count, list.Items.Length);
    }

    [Fact]
    public async Task Retried_order_has_the_original_times()
    {
        const string Body = """{"uuid":"6f1c9a52-7a0e-4a0f-8f0e-0d8f6f0c1b2a","items":[{"item":1}]}""";
        var placed = (await _client.PostAsync(Orders, Body)).Is(201);
        _time.Advance(TimeSpan.FromSeconds(5));

        (await _client.PostAsync(Orders, Body)).Is(201, placed.GetRawText());
    }

    /// <summary>The log has whole seconds; still no order counts as newer than its own change.</summary>
    [Fact]
    public async Task Restart_keeps_the_epoch()
    {
        var epoch = await PlaceAndReadEpochAsync(_server);
        await _server.StopAsync();

        await using var again = Serve(_server.DatabasePath);

        Assert.Equal(epoch, await ReadEpochAsync(again));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    private KaffediemServer Serve(string? databasePath) => KaffediemServer.Start(new ServerSetup
    {
        DatabasePath = databasePath,
        ConfigureServices = services => services.AddSingleton<TimeProvider>(_time),
    });

    private async Task<string> PlaceAndReadEpochAsync(KaffediemServer server)
    {
        await PlaceAsync();
        return await ReadEpochAsync(server);
    }

    private static async Task<string> ReadEpochAsync(KaffediemServer server) =>
        await server.Services.GetRequiredService<Database>().ReadAsync(
            transaction => transaction.Position.Epoch, TestContext.Current.CancellationToken);

    private async Task<JsonElement> PlaceAsync() =>
        (await _client.PostAsync(Orders, """{"items":[{"item":1}]}""")).Is(201);

    private static string? Text(JsonElement order, string name) => order.GetProperty(name).GetString();
}
