using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Stores;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence.Orders;

/// <summary>The change log records when the shop's current day ends.</summary>
public sealed class CurrentDayTests
{
    [Fact]
    public async Task Orders_of_a_day_that_ends_leave_only_the_filter_of_today()
    {
        await using var test = TestDatabase.WithSample();
        await test.OrderStore.BeginDayAsync(Token);
        var draft = new OrderDraft { CustomerId = 7, Lines = [new OrderLine(1, [])] };
        await test.Orders.CreateAsync(draft, Token).Saved();
        var seq = test.Database.LastSeq;

        test.Time.Advance(TimeSpan.FromHours(12));
        await test.OrderStore.BeginDayAsync(Token);
        await test.OrderStore.BeginDayAsync(Token);

        // The orders of the sample belong to the same day as this one.
        var changes = await test.Database.ReadChangesAsync(seq, 100, Token);
        Assert.Equal([1, 2, 3, 4, 5, 6], changes.Select(change => change.RecordId));
        Assert.All(changes, change => Assert.Equal(ChangeAction.DayOver, change.Action));
        Assert.All(changes, change => Assert.Equal(ChangeAction.Delete, new OrderFilter { Today = true }.See(change)));
        Assert.All(changes, change => Assert.Null(new OrderFilter().See(change)));
        Assert.All(changes, change => Assert.Null(new OrderFilter { CustomerId = 7 }.See(change)));
        Assert.Empty(await test.ListOrdersAsync(new OrderFilter { Today = true }));
    }

    [Fact]
    public async Task First_day_ever_and_days_without_orders_log_nothing()
    {
        await using var test = TestDatabase.WithSample();
        test.Time.Advance(TimeSpan.FromDays(3));

        await test.OrderStore.BeginDayAsync(Token);
        test.Time.Advance(TimeSpan.FromDays(3));
        await test.OrderStore.BeginDayAsync(Token);

        Assert.Empty(await test.ChangesAsync());
    }

    [Fact]
    public async Task Order_placed_at_midnight_begins_the_day_itself()
    {
        await using var test = new TestDatabase();
        await test.Database.WriteAsync(DemoMenu.Seed, Token);
        var draft = new OrderDraft { Lines = [new OrderLine(1, [])] };
        Assert.Equal(101, (await test.Orders.CreateAsync(draft, Token).Saved()).DayId);
        Assert.Equal(102, (await test.Orders.CreateAsync(draft, Token).Saved()).DayId);
        var seq = test.Database.LastSeq;
        test.Time.Advance(TimeSpan.FromHours(12));

        Assert.Equal(101, (await test.Orders.CreateAsync(draft, Token).Saved()).DayId);

        Assert.Equal(
            ["order DayOver {\"id\":1}", "order DayOver {\"id\":2}"], (await test.ChangesAsync(seq)).Take(2));
        Assert.Equal([3], (await test.ListOrdersAsync(new OrderFilter { Today = true })).Select(order => order.Id));
    }

    [Fact]
    public async Task Correcting_a_clock_that_was_far_ahead_restores_the_real_day()
    {
        await using var test = new TestDatabase();
        await test.Database.WriteAsync(DemoMenu.Seed, Token);
        var draft = new OrderDraft { Lines = [new OrderLine(1, [])] };
        await test.Orders.CreateAsync(draft, Token).Saved();
        var now = test.Time.GetUtcNow();
        test.Time.Advance(TimeSpan.FromDays(400));
        var orders = test.OrderStore;
        await orders.BeginDayAsync(Token);
        Assert.Empty(await test.ListOrdersAsync(new OrderFilter { Today = true }, orders));
        var seq = test.Database.LastSeq;

        test.Time.AdjustTime(now);

        Assert.Equal(
            [1], (await test.ListOrdersAsync(new OrderFilter { Today = true }, orders)).Select(order => order.Id));
        Assert.Equal(
            102,
            (await test.Database.WriteAsync(transaction => orders.Create(transaction, draft), Token).Saved()).DayId);
        var again = (await test.Database.ReadChangesAsync(seq, 100, Token))[0];
        Assert.Equal(ChangeAction.Create, new OrderFilter { Today = true }.See(again));
        Assert.Equal(ChangeAction.Update, new OrderFilter().See(again));
    }

    [Fact]
    public async Task Small_correction_of_the_clock_does_not_restore_yesterday()
    {
        await using var test = new TestDatabase();
        await test.Database.WriteAsync(DemoMenu.Seed, Token);
        var draft = new OrderDraft { Lines = [new OrderLine(1, [])] };
        await test.Orders.CreateAsync(draft, Token).Saved();
        test.Time.Advance(TimeSpan.FromHours(12));
        Assert.Equal(101, (await test.Orders.CreateAsync(draft, Token).Saved()).DayId);
        var seq = test.Database.LastSeq;

        test.Time.AdjustTime(test.Time.GetUtcNow() - TimeSpan.FromMinutes(59));
        Assert.Equal(102, (await test.Orders.CreateAsync(draft, Token).Saved()).DayId);

        var created = Assert.Single(await test.Database.ReadChangesAsync(seq, 100, Token));
        Assert.Equal((ChangeAction.Create, 3), (created.Action, created.RecordId));
        Assert.Equal(
            [2, 3], (await test.ListOrdersAsync(new OrderFilter { Today = true })).Select(order => order.Id).Order());
    }
}
