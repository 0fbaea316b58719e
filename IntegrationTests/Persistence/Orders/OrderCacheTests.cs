using Dapper;
using Kaffediem.IntegrationTests.Persistence.Writing;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;
using Microsoft.Data.Sqlite;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence.Orders;

/// <summary>
/// The writer caches the catalogue from one order to the next and drops the cache when the catalogue changes.
/// </summary>
public sealed class OrderCacheTests
{
    private static readonly OrderDraft Latte = new() { Lines = [new OrderLine(1, [new OrderChoice(1, [2])])] };

    [Fact]
    public async Task Order_sees_every_change_that_was_committed_before_it()
    {
        await using var test = TestDatabase.WithSample();
        Assert.Equal("Latte 45 Kaffe Melk Havre 5", await PlaceAsync(test));

        await test.Items.UpdateAsync(1, new ItemPatch { PriceNok = 50 }, Token).Saved();
        Assert.Equal("Latte 50 Kaffe Melk Havre 5", await PlaceAsync(test));

        await test.Keys.UpdateAsync(1, new CustomizationKeyPatch { Name = "Milk" }, Token).Saved();
        Assert.Equal("Latte 50 Kaffe Milk Havre 5", await PlaceAsync(test));

        await test.Values.UpdateAsync(2, new CustomizationValuePatch { PriceIncrementNok = 6 }, Token).Saved();
        Assert.Equal("Latte 50 Kaffe Milk Havre 6", await PlaceAsync(test));

        await test.Categories.UpdateAsync(1, new CategoryPatch { Name = "Coffee" }, Token).Saved();
        Assert.Equal("Latte 50 Coffee Milk Havre 6", await PlaceAsync(test));

        await test.Values.DeleteAsync(2, Token).Saved();
        var line = Assert.Single((await test.Orders.CreateAsync(Latte, Token).Saved()).Items);
        Assert.Equal("value not found", Assert.Single(line.LeftOut).Reason);
    }

    [Fact]
    public async Task Order_sees_a_write_by_another_program()
    {
        await using var test = TestDatabase.WithSample();
        await PlaceAsync(test);

        test.Execute("UPDATE item SET price_nok = 51 WHERE id = 1");

        Assert.Equal("Latte 51 Kaffe Melk Havre 5", await PlaceAsync(test));
    }

    [Fact]
    public async Task Order_does_not_see_a_request_that_was_rolled_back()
    {
        await using var test = TestDatabase.WithSample();

        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => test.Database.WriteAsync<bool>(
            transaction =>
            {
                new ItemStore().Update(transaction, 1, new ItemPatch { PriceNok = 52 });
                test.OrderStore.Create(transaction, Latte);
                throw new InvalidTimeZoneException();
            },
            Token));

        Assert.Equal("Latte 45 Kaffe Melk Havre 5", await PlaceAsync(test));
    }

    [Fact]
    public async Task Order_does_not_see_a_batch_that_failed_to_commit()
    {
        await using var test = TestDatabase.WithSample(expectsErrors: true);

        await FailToCommitAsync(test, () => test.Items.UpdateAsync(1, new ItemPatch { PriceNok = 53 }, Token));

        Assert.Equal("Latte 45 Kaffe Melk Havre 5", await PlaceAsync(test));
    }

    [Fact]
    public async Task Day_that_began_in_a_batch_that_failed_to_commit_begins_with_the_next_order()
    {
        await using var test = TestDatabase.WithSample(expectsErrors: true);
        Assert.Equal("Latte 45 Kaffe Melk Havre 5", await PlaceAsync(test));
        var (seq, yesterday) = (test.Database.LastSeq, await test.ListOrdersAsync(new OrderFilter { Today = true }));
        test.Time.Advance(TimeSpan.FromDays(1));

        await FailToCommitAsync(test);
        var first = await test.Orders.CreateAsync(Latte, Token).Saved();

        Assert.Equal(101, first.DayId);
        var over = (await test.Database.ReadChangesAsync(seq, 100, Token)).SkipLast(1).ToList();
        Assert.Equal(yesterday.Select(order => order.Id).Order(), over.Select(change => change.RecordId).Order());
        Assert.All(over, change => Assert.Equal(ChangeAction.DayOver, change.Action));
    }

    // One batch: the writes, an order that reads their records, and a request whose foreign key fails the COMMIT.
    private static async Task FailToCommitAsync(TestDatabase test, params Func<Task>[] writes)
    {
        var held = await HeldWriter.StartAsync(test.Database);
        Task[] batch =
        [
            .. writes.Select(write => write()),
            test.Orders.CreateAsync(Latte, Token),
            test.Database.WriteAsync(BreakForeignKeyAtCommit, Token),
        ];
        await held.ReleaseAsync();
        foreach (var write in batch)
        {
            await Assert.ThrowsAsync<SqliteException>(() => write);
        }
    }

    private static Written<bool> BreakForeignKeyAtCommit(WriteTransaction transaction)
    {
        transaction.Connection.Execute("PRAGMA defer_foreign_keys = ON");
        transaction.Connection.Execute(
            """
            INSERT INTO item (name, category_id, inserted_at, updated_at)
                 VALUES ('orphan', 999, '', '')
            """);
        return Written.WithoutChange(true);
    }

    private static async Task<string> PlaceAsync(TestDatabase test)
    {
        var line = Assert.Single((await test.Orders.CreateAsync(Latte, Token).Saved()).Items);
        var choice = Assert.Single(line.Customizations);
        return $"{line.Name} {line.Price} {line.Category} {choice.KeyName} {choice.ValueName} {choice.PriceChange}";
    }
}
