using System.Globalization;
using System.Runtime.Versioning;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Disk;

/// <summary>
/// A full disk usually has room left for something smaller than the write that failed. Until a write of that size would
/// succeed, <c>/health/ready</c> stays 503 and the log does not report a recovery.
/// </summary>
[Experiment("Disk")]
[SupportedOSPlatform("linux")]
public sealed class FullDiskHealthTests
{
    private const string SixLines =
        """{"items":[{"item":1},{"item":2},{"item":3},{"item":1},{"item":2},{"item":3}]}""";

    private const string Recovered = "Writes reach the disk again";
    private const string DebugLog = "--Logging:LogLevel:Kaffediem.Persistence=Debug";

    // A frame of the write-ahead log: https://www.sqlite.org/fileformat2.html#walformat.
    private const int FrameSize = 4096 + 24;

    [Theory]
    [InlineData("tmpfs")]
    [InlineData("ext4")]
    public async Task Full_file_system_is_not_ready_until_there_is_room(string kind)
    {
        using var shop = new ShopFolder();
        var path = Path.Combine(Directory.CreateDirectory(shop.PathOf("disk")).FullName, "shop.db");
        using var server = await ServerProcess.StartAsync(path, await SmallDisk.ShellAsync(kind), DebugLog);
        using var client = server.CreateClient();
        await FillAsync(client);

        await AssertStaysUnavailableAsync(server, client);

        File.Delete(SmallDisk.PathOf(server, Path.Combine(shop.PathOf("disk"), SmallDisk.Filler)));
        await AssertRecoversAsync(server, client);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(6)]
    public async Task Room_for_less_than_the_failed_write_does_not_count_as_recovery(int frames)
    {
        using var shop = ShopFolder.WithSample();
        using var server = await shop.ServeAsync(ServerProcess.HearingOfLimits, DebugLog);
        using var client = server.CreateClient();
        (await client.PostAsync(ShopFolder.Orders, SixLines)).Is(201);
        await LeaveRoomAsync(shop, server, frames);
        (await client.PostAsync(ShopFolder.Orders, OrderOf(lines: 200))).Is(503);

        await AssertStaysUnavailableAsync(server, client, OrderOf(lines: 200));

        await server.LimitFilesAsync("unlimited");
        await AssertRecoversAsync(server, client);
    }

    [Fact]
    public async Task Smaller_write_that_succeeds_does_not_count_as_recovery()
    {
        using var shop = ShopFolder.WithSample();
        using var server = await shop.ServeAsync(ServerProcess.HearingOfLimits, DebugLog);
        using var client = server.CreateClient();
        (await client.PostAsync(ShopFolder.Orders, SixLines)).Is(201);
        await LeaveRoomAsync(shop, server, frames: 12);
        (await client.PostAsync(ShopFolder.Orders, OrderOf(lines: 300))).Is(503);

        (await client.PostAsync("/api/collections/message/records", """{"title":"Open"}""")).Is(201);

        (await client.GetAsync("/health/ready")).Is(503);
        Assert.DoesNotContain(server.Output, line => line.Contains(Recovered, StringComparison.Ordinal));
        await server.LimitFilesAsync("unlimited");
        (await client.PostAsync(ShopFolder.Orders, OrderOf(lines: 301))).Is(201);
        (await client.GetAsync("/health/ready")).Is(200);
    }

    [Fact]
    public async Task Damaged_table_is_not_ready_until_it_is_mended()
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        using var server = await shop.ServeAsync(ServerProcess.AsItIs, DebugLog);
        using var client = server.CreateClient();
        var repair = Damage.Table(shop.Database, "idempotency");
        Task<RestAnswer> OrderAsync() =>
            client.SendAsync("POST", ShopFolder.Orders, ShopFolder.AnOrder, ("Idempotency-Key", "once"));
        (await OrderAsync()).Is(503);
        // Elsewhere in the file writing works.
        (await client.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder)).Is(201);

        await Polling.UntilAsync(() =>
            server.Output.Any(line =>
                line.Contains("Writes still fail: the database is damaged", StringComparison.Ordinal)
                || line.Contains(Recovered, StringComparison.Ordinal)));
        (await client.GetAsync("/health/ready")).Is(503);
        (await OrderAsync()).Is(503);
        Assert.DoesNotContain(server.Output, line => line.Contains(Recovered, StringComparison.Ordinal));

        repair();
        await AssertRecoversAsync(server, client);
        (await OrderAsync()).Is(201);
    }

    // As a client that goes on ordering, which the log must survive as well.
    private static async Task AssertStaysUnavailableAsync(
        ServerProcess server, RestClient client, string order = SixLines)
    {
        for (var probes = 0; probes < TestSettings.Pick(quick: 1, full: 3, @long: 3); probes++)
        {
            (await client.PostAsync(ShopFolder.Orders, order)).Is(503);
            await Polling.UntilAsync(() => server.Output.Count(
                line => line.Contains("Writes still fail", StringComparison.Ordinal)
                    || line.Contains(Recovered, StringComparison.Ordinal)) > probes);
            var ready = (await client.GetAsync("/health/ready")).Is(503);
            Assert.StartsWith("Writes fail: ", ready.GetProperty("reasons")[0].GetString(), StringComparison.Ordinal);
        }

        Assert.DoesNotContain(server.Output, line => line.Contains(Recovered, StringComparison.Ordinal));
        // One of each kind of error.
        Assert.InRange(server.Output.Count(line => line.Contains("Z fail: ", StringComparison.Ordinal)), 1, 2);
    }

    // By itself: no client writes.
    private static async Task AssertRecoversAsync(ServerProcess server, RestClient client)
    {
        await Polling.UntilAsync(() => server.Output.Any(line => line.Contains(Recovered, StringComparison.Ordinal)));
        (await client.GetAsync("/health/ready")).Is(200);
        (await client.PostAsync(ShopFolder.Orders, SixLines)).Is(201);
        Assert.Single(server.Output, line => line.Contains(Recovered, StringComparison.Ordinal));
    }

    private static async Task FillAsync(RestClient client)
    {
        for (var orders = 0; (await client.PostAsync(ShopFolder.Orders, SixLines)).Status == 201; orders++)
        {
            Assert.True(orders < 5000, "The disk is not small.");
        }
    }

    private static Task LeaveRoomAsync(ShopFolder shop, ServerProcess server, int frames)
    {
        var log = new FileInfo(shop.Database + "-wal").Length;
        return server.LimitFilesAsync((log + (frames * FrameSize)).ToString(CultureInfo.InvariantCulture));
    }

    private static string OrderOf(int lines) =>
        $$"""{"items":[{{string.Join(',', Enumerable.Repeat("""{"item":1}""", lines))}}]}""";
}
