using Kaffediem.IntegrationTests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kaffediem.IntegrationTests.Realtime;

/// <summary>Each broadcast change is one line of the log, in Development by default.</summary>
public sealed class BroadcastLogTests : IDisposable
{
    private const string Statuses = "/api/collections/status/records";
    private const string Categories = "/api/collections/category/records";

    private readonly LogLines _log = new("Kaffediem.Server.Realtime.BroadcastLog");

    [Fact]
    public async Task Development_logs_each_change_with_its_topic_id_seq_and_subscribers()
    {
        await using var server = Start("Development");
        var client = server.CreateClient();
        using var first = await JoinAsync(server, "status");
        using var second = await JoinAsync(server, "status");

        var id = (await client.PostAsync(Statuses, """{"open":true}""")).Is(201).GetProperty("id").GetInt64();
        var seq = await ReadSeqAsync(first);
        await client.PatchAsync($"{Statuses}/{id}", """{"open":false}""");
        await ReadSeqAsync(first);
        await client.DeleteAsync($"{Statuses}/{id}");
        await ReadSeqAsync(first);

        Assert.Equal(
            [
                $"Information: Broadcasting create to collection:status (id {id}, seq {seq}, subscribers: 2)",
                $"Information: Broadcasting update to collection:status (id {id}, seq {seq + 1}, subscribers: 2)",
                $"Information: Broadcasting delete to collection:status (id {id}, seq {seq + 2}, subscribers: 2)",
            ],
            _log.All);
    }

    [Fact]
    public async Task Menu_is_logged_beside_the_change_that_it_contains()
    {
        await using var server = Start("Development");
        using var menu = await JoinAsync(server, "menu");

        var created = (await server.CreateClient().PostAsync(Categories, """{"name":"Te"}""")).Is(201);
        var id = created.GetProperty("id").GetInt64();
        var seq = await ReadSeqAsync(menu);

        Assert.Equal(
            [
                $"Information: Broadcasting create to collection:category (id {id}, seq {seq}, subscribers: 0)",
                $"Information: Broadcasting update to collection:menu (seq {seq}, subscribers: 1)",
            ],
            _log.All);
    }

    [Theory]
    [InlineData("Information", 0)]
    [InlineData("Debug", 1)]
    public async Task Production_logs_changes_at_Debug_only(string level, int lines)
    {
        await using var server = Start("Production", level);
        using var client = await JoinAsync(server, "order");

        (await server.CreateClient().PostAsync("/api/collections/order/records", """{"items":[{"item":1}]}""")).Is(201);
        await ReadSeqAsync(client);

        Assert.Equal(lines, _log.All.Length);
        Assert.All(_log.All, line => Assert.StartsWith("Debug: Broadcasting create to collection:order (id ", line));
    }

    public void Dispose() => _log.Dispose();

    private static async Task<WireClient> JoinAsync(KaffediemServer server, string collection)
    {
        var client = await WireClient.ConnectAsync(server.BaseAddress);
        Assert.Equal("ok", (await client.JoinAsync($"collection:{collection}")).Status);
        return client;
    }

    private static async Task<long> ReadSeqAsync(WireClient client)
    {
        var change = await client.ReceiveAsync();
        Assert.Equal("change", change.Event);
        return (long)change.Payload!["seq"]!;
    }

    private KaffediemServer Start(
        string environment, string level = "Information") => KaffediemServer.Start(new ServerSetup
    {
        Environment = environment,
        Settings = { ["Auth:Writes"] = "Open", ["Logging:LogLevel:Default"] = level },
        ConfigureServices = services => services.AddSingleton<ILoggerProvider>(_log),
    });
}
