using System.Net;
using Kaffediem.IntegrationTests.Images;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Server.Admission;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Admission;

/// <summary>Long answers that their clients do not read are bounded in bytes and cut off.</summary>
public sealed class LongAnswerTests
{
    private const string Messages = "/api/collections/message/records";
    private const string Busy = "too many long answers are waiting to be sent; try again in a second";

    // 24 MB in all: more than the kernel buffers for a connection.
    private const int LongMessages = 400;
    private const int Megabyte = 1024 * 1024;

    private static readonly Asker Stranger = Asker.OfStranger(IPAddress.Loopback);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task Unread_answers_are_bounded_in_bytes_and_free_their_room_when_cut_off()
    {
        await using var server = StartWithLongMessages();
        server.Logs.Expect($"A long read for 127.0.0.1 was refused: {Busy}");
        using var rest = server.CreateClient();
        var unsent = server.Services.GetRequiredService<LongReads>().UnsentOf(Stranger);
        using var first = await AskAsync(server);
        await first.HasAnswerAsync();
        using var second = await AskAsync(server);
        await second.HasAnswerAsync();

        Assert.InRange(unsent.Total, 45 * Megabyte, 64 * Megabyte);
        for (var i = 0; i < TestSettings.Pick(quick: 5, full: 60, @long: 60); i++)
        {
            var refused = await rest.GetAsync(Messages);
            refused.Is(503, $$$"""{"errors":{"detail":"{{{Busy}}}"}}""");
            Assert.Equal("1", refused.Header("Retry-After"));
        }

        (await rest.GetAsync("/health")).Is(200);
        (await rest.GetAsync($"{Messages}/1")).Is(200);
        using (var elsewhere = new RestClient(server.BaseAddress, IPAddress.Parse("127.0.0.2")))
        {
            (await elsewhere.GetAsync(Messages)).Is(200);
        }

        Assert.InRange(unsent.Total, 45 * Megabyte, 64 * Megabyte);
        await _time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), first.IsCutOffAsync());
        await _time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), second.IsCutOffAsync());
        await Polling.UntilAsync(() => unsent.Total == 0);
        Assert.True((await rest.GetAsync(Messages)).Is(200).GetProperty("items").GetArrayLength() > LongMessages);
    }

    [Fact]
    public async Task Image_waits_while_its_address_leaves_too_many_answers_unread()
    {
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Settings =
            {
                ["Images:MaxBytes"] = $"{32 * Megabyte}",
                ["Reads:MaxUnsentBytesPerAddress"] = $"{Megabyte}",
            },
            ConfigureServices = services => services.AddSingleton<TimeProvider>(_time),
        });
        using var rest = server.CreateClient();
        var url = new Uri(await ImageFiles.UploadAsync(rest, ImageFiles.PngOf(30 * Megabyte)));
        List<RawRequest> unread = [];
        for (var i = 0; i < 6; i++)
        {
            // Each counts as 192 KB.
            unread.Add(await RawRequest.SendAsync(server.BaseAddress, $"GET {url.PathAndQuery}", "", ""));
            await unread[i].HasAnswerAsync();
        }

        var waiting = ImageFiles.ReadAsync(url.ToString());
        using (var elsewhere = new RestClient(server.BaseAddress, IPAddress.Parse("127.0.0.2")))
        {
            Assert.Equal(200, (await elsewhere.GetAsync(url.PathAndQuery)).Status);
        }

        Assert.False(waiting.IsCompleted);
        await _time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), waiting);
        Assert.Equal(30 * Megabyte, (await waiting).Length);
        unread.ForEach(request => request.Dispose());
    }

    [Fact]
    public async Task Unread_image_is_cut_off()
    {
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Settings = { ["Images:MaxBytes"] = $"{32 * Megabyte}" },
            ConfigureServices = services => services.AddSingleton<TimeProvider>(_time),
        });
        using var rest = server.CreateClient();
        var url = new Uri(await ImageFiles.UploadAsync(rest, ImageFiles.PngOf(30 * Megabyte)));
        using var stalled = await RawRequest.SendAsync(server.BaseAddress, $"GET {url.PathAndQuery}", "", "");
        await stalled.HasAnswerAsync();
        await Polling.UntilAtRestAsync(() => stalled.Available);

        var elapsed = await _time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), stalled.IsCutOffAsync());

        Assert.True(elapsed >= TimeSpan.FromSeconds(9), $"cut off after {elapsed}");
        Assert.Equal(30 * Megabyte, (await ImageFiles.ReadAsync(url.ToString())).Length);
    }

    [Fact]
    public async Task Unread_answers_over_HTTP_2_are_bounded_and_reset()
    {
        await using var server = StartWithLongMessages(("Kestrel:EndpointDefaults:Protocols", "Http2"));
        server.Logs.Expect($"A long read for 127.0.0.1 was refused: {Busy}");
        using var http = new HttpClient
        {
            BaseAddress = server.BaseAddress,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var first = await http.GetAsync(Messages, HttpCompletionOption.ResponseHeadersRead);
        using var second = await http.GetAsync(Messages, HttpCompletionOption.ResponseHeadersRead);
        using (var refused = await http.GetAsync(Messages))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        }

        var unsent = server.Services.GetRequiredService<LongReads>().UnsentOf(Stranger);
        await _time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => unsent.Total == 0);

        await Assert.ThrowsAnyAsync<Exception>(() => second.Content.ReadAsByteArrayAsync());
        using var again = await http.GetAsync(Messages);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    // Each client asks for a different list, so that none is shared.
    [Fact]
    public async Task Unread_snapshots_are_bounded_and_free_their_room_when_their_clients_leave()
    {
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Settings = { ["Reads:MaxUnsentBytesPerAddress"] = $"{40 * Megabyte}" },
            ConfigureServices = services => services.AddSingleton<TimeProvider>(_time),
        });
        server.Logs.Expect($"A long read for 127.0.0.1 was refused: {Busy}");
        InsertLongOrders(server.DatabasePath);
        using (var first = await AskAsync(server, From(1)))
        using (var second = await AskAsync(server, From(2)))
        {
            await first.HasAnswerAsync();
            await second.HasAnswerAsync();
            using var socket = await WireClient.ConnectAsync(server.BaseAddress);
            var join = await socket.JoinAsync("collection:order", payload: """{"options":{"customer_id":5}}""");
            Assert.Equal(("error", Busy), (join.Status, join.Reason));
            using var rest = server.CreateClient();
            (await rest.GetAsync($"/api/events?{From(3)}")).Is(503, $$$"""{"errors":{"detail":"{{{Busy}}}"}}""");
            using var client = await ScreenClient.JoinAsync(server.BaseAddress, "order", """{"from_date":"today"}""");
            Assert.Empty(client.Joined["items"]!.AsArray());
        }

        await Polling.UntilAsync(() => TryStream(server));
    }

    private bool TryStream(KaffediemServer server)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        using var http = new HttpClient { BaseAddress = server.BaseAddress };
        using var stream = SseClient.OpenAsync(http, From(4)).GetAwaiter().GetResult();
        return stream.Status == 200;
    }

    private static void InsertLongOrders(string databasePath) => SqliteFile.Execute(
        databasePath,
        $$"""
        WITH RECURSIVE number (n) AS (SELECT 1
                                       UNION ALL
                                      SELECT n + 1
                                        FROM number
                                       WHERE n < {{LongMessages}})
        INSERT INTO "order" (uuid, customer_id, day_id, items_data, state, inserted_at, updated_at)
             SELECT 'long ' || n, 5, 100 + n,
                    '[{"item_id":1,"name":"' || printf('%.*c', 60000, 'x')
                        || '","price":45,"category":"Kaffe","customizations":[]}]',
                    'received', '2024-11-24T10:00:00', '2024-11-24T10:00:00'
               FROM number
        """);

    private static string From(int day) => $"collections=order&from_date=2020-01-{day:00}";

    private static Task<RawRequest> AskAsync(KaffediemServer server, string events) =>
        RawRequest.SendAsync(server.BaseAddress, $"GET /api/events?{events}", "", "");

    private KaffediemServer StartWithLongMessages(params (string Name, string Value)[] settings)
    {
        var server = KaffediemServer.Start(new ServerSetup
        {
            Settings = new(settings.ToDictionary(setting => setting.Name, setting => setting.Value))
            {
                ["Reads:MaxUnsentBytesPerAddress"] = $"{40 * Megabyte}",
            },
            ConfigureServices = services => services.AddSingleton<TimeProvider>(_time),
        });
        SqliteFile.Execute(
            server.DatabasePath,
            $"""
            WITH RECURSIVE number (n) AS (SELECT 1
                                           UNION ALL
                                          SELECT n + 1
                                            FROM number
                                           WHERE n < {LongMessages})
            INSERT INTO message (title, subtitle, inserted_at, updated_at)
                 SELECT printf('%.*c', 60000, 'x'), '', '2026-11-24T10:00:00', '2026-11-24T10:00:00'
                   FROM number
            """);
        return server;
    }

    private static Task<RawRequest> AskAsync(KaffediemServer server) =>
        RawRequest.SendAsync(server.BaseAddress, $"GET {Messages}", "", "");
}
