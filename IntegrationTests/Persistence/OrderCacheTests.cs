using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Orders;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence;

/// <summary>The writer remembers the catalogue from one order to the next, and forgets it when it has changed.</summary>
public sealed class OrderCacheTests
{
    private static readonly OrderDraft Latte = new() { Lines = [new OrderLine(1, [new OrderChoice(1, [2])])] };

    [Fact]
    public async Task An_order_sees_every_change_that_was_committed_before_it()
    {
        await using var test = TestDatabase.WithSample();
        Assert.Equal("Latte 45 Kaffe Melk Havre 5", await PlaceAsync(test));

        await test.Items.UpdateAsync(1, new ItemPatch { PriceNok = 50 }, Token).Saved();
        Assert.Equal("Latte 50 Kaffe Melk Havre 5", await PlaceAsync(test));

        await test.Keys.UpdateAsync(1, new CustomizationKeyPatch { Name = "Milk" }, Token).Saved();
        Assert.Equal("Latte 50 Kaffe Milk Havre 5", await PlaceAsync(test));

        await test.Values.UpdateAsync(2, new CustomizationValuePatch { PriceIncrementNok = 6 }, Token).Saved();
        Assert.Equal("Latte 50 Kaffe Milk Havre 6", await PlaceAsync(test));

        await test.Categories.UpdateAsync(1, new CategoryPatch { ValidCustomizations = new long[] { 2 } }, Token).Saved();
        var error = Assert.Single(await test.Orders.PlaceAsync(Latte, Token).Refused());
        Assert.Equal(("key", "is not valid for this item"), (error.Field, error.Message));
    }

    [Fact]
    public async Task An_order_sees_what_another_program_has_written()
    {
        await using var test = TestDatabase.WithSample();
        await PlaceAsync(test);

        test.Execute("UPDATE item SET price_nok = 51 WHERE id = 1");

        Assert.Equal("Latte 51 Kaffe Melk Havre 5", await PlaceAsync(test));
    }

    [Fact]
    public async Task An_order_does_not_see_what_was_taken_back()
    {
        await using var test = TestDatabase.WithSample();

        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => test.Database.WriteAsync<bool>(
            transaction =>
            {
                ItemStore.Update(transaction, 1, new ItemPatch { PriceNok = 52 });
                test.Orders.Place(transaction, Latte);
                throw new InvalidTimeZoneException();
            },
            Token));

        Assert.Equal("Latte 45 Kaffe Melk Havre 5", await PlaceAsync(test));
    }

    private static async Task<string> PlaceAsync(TestDatabase test)
    {
        var line = Assert.Single((await test.Orders.PlaceAsync(Latte, Token).Saved()).Items);
        var choice = Assert.Single(line.Customizations);
        return $"{line.Name} {line.Price} {line.Category} {choice.KeyName} {choice.ValueName} {choice.PriceChange}";
    }
}
