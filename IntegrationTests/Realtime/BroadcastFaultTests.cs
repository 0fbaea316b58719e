using System.Diagnostics.Metrics;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Server.Realtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Realtime;

/// <summary>
/// A failed broadcast is repeated a second later, and no client misses a change or gets one twice. The failing part is
/// a listener to the meter, which runs within the broadcast.
/// </summary>
public sealed class BroadcastFaultTests : IAsyncDisposable
{
    private const string Order = """{"items":[{"item":1}]}""";

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly KaffediemServer _server;
    private readonly RestClient _rest;

    public BroadcastFaultTests()
    {
        _server = KaffediemServer.Start(new ServerSetup
        {
            ConfigureServices = services => services.AddSingleton<TimeProvider>(_time),
        });
        _rest = _server.CreateClient();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Change_whose_broadcast_fails_reaches_every_client_once(int failing)
    {
        _server.Logs.Expect("could not be broadcast; trying again");
        var feed = _server.Services.GetRequiredService<ChangeFeed>();
        using var http = new HttpClient { BaseAddress = _server.BaseAddress };
        using var orders = await ScreenClient.JoinAsync(_server.BaseAddress, "order");
        using var messages = await ScreenClient.JoinAsync(_server.BaseAddress, "message");
        using var stream = await SseScreen.OpenAsync(http, "collections=order,message");
        await stream.ReadAsync(2);
        using var meter = FailBroadcast(failing);

        var order = (await _rest.PostAsync("/api/collections/order/records", Order)).Is(201).GetProperty("id");
        var message = (await _rest.PostAsync("/api/collections/message/records", """{"title":"x"}"""))
            .Is(201)
            .GetProperty("id");
        await Polling.UntilAsync(() => feed.IsBroken);
        (await _rest.GetAsync("/health/ready")).Is(503);

        await _time.AdvanceUntilAsync(
            TimeSpan.FromSeconds(1), Task.WhenAll(orders.ReachAsync(1), messages.ReachAsync(2)));
        await stream.ReadAsync(2);
        await Polling.UntilAsync(() => !feed.IsBroken);
        (await _rest.GetAsync("/health/ready")).Is(200);
        await _rest.DeleteAsync($"/api/collections/order/records/{order}");
        await Task.WhenAll(orders.ReachAsync(3), stream.ReadAsync(1));

        Assert.Equal([$"create {order}", $"delete {order}"], orders.Changes);
        Assert.Equal([$"create {message}"], messages.Changes);
        Assert.Equal([1, 2, 3], stream.Events.Skip(2).Select(e => e.Seq));
        Assert.Empty(orders.Faults.Concat(messages.Faults).Concat(stream.Faults));
    }

    [Fact]
    public async Task Menu_whose_broadcast_fails_is_sent_a_second_later()
    {
        _server.Logs.Expect("The menu could not be sent; trying again");
        using var menu = await ScreenClient.JoinAsync(_server.BaseAddress, "menu");
        using var meter = FailBroadcast(2); // the first broadcast is the item's

        (await _rest.PatchAsync("/api/collections/item/records/1", """{"price_nok":71}""")).Is(200);
        await Polling.UntilAsync(() => _server.Logs.Count("The menu could not be sent") == 1);
        await _time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), menu.ReachAsync(1));

        Assert.Single(menu.Changes);
    }

    public ValueTask DisposeAsync()
    {
        _rest.Dispose();
        return _server.DisposeAsync();
    }

    private MeterListener FailBroadcast(int number)
    {
        var scope = _server.Services.GetRequiredService<IMeterFactory>();
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "phoenix.broadcasts" && instrument.Meter.Scope == scope)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) =>
        {
            if (Interlocked.Decrement(ref number) == 0)
            {
                throw new InvalidTimeZoneException();
            }
        });
        listener.Start();
        return listener;
    }
}
