using System.Net;
using Kaffediem.IntegrationTests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Protocol.Sockets;

/// <summary>
/// The refused origins that the log names. Clients choose their origin, and must neither fill the log with origins nor
/// hide those of others.
/// </summary>
public sealed class OriginRefusalTests : IDisposable
{
    private const string Poll = "/socket/longpoll?vsn=2.0.0";

    private readonly LogLines _lines = new("Kaffediem.Protocol.OriginRefusals");

    [Fact]
    public async Task Refused_origin_is_logged_once_a_minute_at_Information_and_always_at_Debug()
    {
        var time = new FakeTimeProvider();
        await using var app = await StartAsync(time);

        foreach (var transport in new[] { "websocket", "longpoll", "websocket" })
        {
            using var attempt = await ConnectAttempt.MakeAsync(app, transport, headers: ("Origin", "http://a.example"));
        }

        using var other = await ConnectAttempt.MakeAsync(app, "websocket", headers: ("Origin", "http://b.example"));
        time.Advance(TimeSpan.FromMinutes(1));
        using var later = await ConnectAttempt.MakeAsync(app, "websocket", headers: ("Origin", "http://a.example"));

        const string reason = "The origin http://a.example is not allowed: add it to CheckOrigin.";
        const string refused = $"REFUSED GET /socket/websocket: {reason}";
        const string leftOut = $"REFUSED 2 more requests, which were not logged: {reason}";
        Assert.Equal([refused, leftOut, refused], _lines.Of(LogLevel.Information, "a.example"));
        Assert.Equal(2, _lines.Of(LogLevel.Debug, "a.example").Length);
        Assert.Single(_lines.Of(LogLevel.Information, "b.example"));
    }

    [Fact]
    public async Task Invented_origins_do_not_fill_the_log()
    {
        var time = new FakeTimeProvider();
        await using var app = await StartAsync(time);

        await InventAsync(app, count: 100, from: "127.0.0.1");
        time.Advance(TimeSpan.FromMinutes(1));
        using var later = await ConnectAttempt.MakeAsync(app, "longpoll", headers: ("Origin", "http://later.example"));

        Assert.Equal(8 + 1, _lines.Of(LogLevel.Information, "is not allowed").Length);
        Assert.Equal(92, _lines.Of(LogLevel.Debug, "is not allowed").Length);
        Assert.Single(_lines.Of(LogLevel.Information, "later.example"));
    }

    [Fact]
    public async Task Invented_origins_do_not_hide_those_of_other_clients()
    {
        await using var app = await StartAsync(new FakeTimeProvider());
        using var shop = new RestClient(app.Address, IPAddress.Parse("127.0.0.2"));

        await InventAsync(app, count: 100, from: "127.0.0.1");
        await shop.SendAsync("GET", Poll, json: null, ("Origin", "http://shop.example"));

        Assert.Single(_lines.Of(LogLevel.Information, "shop.example"));
    }

    [Fact]
    public async Task Origins_invented_at_many_addresses_do_not_fill_the_log()
    {
        await using var app = await StartAsync(new FakeTimeProvider());

        for (var address = 1; address <= 10; address++)
        {
            await InventAsync(app, count: 8, from: $"127.0.0.{address}");
        }

        Assert.Equal(64, _lines.Of(LogLevel.Information, "is not allowed").Length);
    }

    public void Dispose() => _lines.Dispose();

    private Task<PhoenixApp> StartAsync(FakeTimeProvider time) => PhoenixApp.StartAsync(
        time: time,
        configureBuilder: builder => builder.Logging.AddProvider(_lines).AddFilter<LogLines>(
            "Kaffediem", LogLevel.Debug));

    private static async Task InventAsync(PhoenixApp app, int count, string from)
    {
        using var client = new RestClient(app.Address, IPAddress.Parse(from));
        for (var i = 0; i < count; i++)
        {
            await client.SendAsync("GET", Poll, json: null, ("Origin", $"http://{i}.at-{from}.example"));
        }
    }
}
