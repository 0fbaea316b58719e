using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Stores;
using Kaffediem.Persistence.Writing;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence;

/// <summary>The server treats the year-old shop of tests and benchmarks as a file of its own.</summary>
public sealed class YearOldShopTests
{
    [Fact]
    public async Task Server_continues_with_the_file_as_with_its_own()
    {
        await using var test = new TestDatabase();
        await DemoMenu.SeedContentAsync(test.Database, Token);
        await test.OrderStore.BeginDayAsync(Token);
        var epoch = test.Database.Epoch;
        await test.CloseAsync();

        YearOldShop.Fill(test.Path, test.Time.GetUtcNow());

        Assert.Equal(epoch, test.Database.Epoch);
        Assert.Equal(YearOldShop.OrdersPerDay, (await test.ListOrdersAsync(new() { Today = true })).Count);
        var first = test.Query<long>("SELECT MIN(seq) FROM change_log")[0];
        var changes = await test.Database.ReadAsync(
            transaction => ChangeLog.ReadSince(
                transaction,
                ["order"],
                new(first - 1, transaction.Position.Epoch),
                limit: 10_000,
                maxBytes: long.MaxValue),
            Token);
        Assert.InRange(changes!.Count, 5000, 6000);
        var order = await test.Orders.CreateAsync(new() { Lines = [] }, Token);
        var placed = Assert.IsType<WriteResult<Kaffediem.Persistence.Orders.Order>.Saved>(order).Record;
        Assert.Equal(
            (YearOldShop.Orders + 1, 101 + YearOldShop.OrdersPerDay), (placed.Id, placed.DayId));
    }

    [Fact]
    public async Task Orders_are_stored_and_logged_as_the_server_does()
    {
        await using var test = new TestDatabase();
        await DemoMenu.SeedContentAsync(test.Database, Token);
        await test.OrderStore.BeginDayAsync(Token);
        await test.CloseAsync();
        YearOldShop.Fill(test.Path, test.Time.GetUtcNow(), orders: 300);
        var stored = test.Query<string>("""SELECT items_data FROM "order" ORDER BY id""");

        foreach (var order in await test.ListOrdersAsync(new()))
        {
            await test.Orders.UpdateAsync(order.Id, new() { Items = new(order.Items) }, Token);
        }

        Assert.Equal(stored, test.Query<string>("""SELECT items_data FROM "order" ORDER BY id"""));
        Assert.Equal(LastOf(test, order: 300, skipped: 1), LastOf(test, order: 300, skipped: 0));
    }

    private static string LastOf(TestDatabase test, long order, int skipped) =>
        test.Query<string>(
            $"""
              SELECT record
                FROM change_log
               WHERE collection = 'order'
                 AND record_id = {order}
            ORDER BY seq DESC
               LIMIT 1 OFFSET {skipped}
            """)[0];
}
