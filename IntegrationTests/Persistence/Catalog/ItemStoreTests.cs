using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Writing;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence.Catalog;

public sealed class ItemStoreTests
{
    private static readonly FieldError NameTaken = new("name", "has already been taken");
    private static readonly FieldError NoCategory = new("category_id", "does not exist");

    [Fact]
    public async Task Item_has_the_name_of_its_category()
    {
        await using var test = TestDatabase.WithSample();

        var item = await test.Items.CreateAsync(Draft("Chai", categoryId: 2), Token).Saved();

        Assert.Equal((6, "Chai", 35, 2, "Te"), (item.Id, item.Name, item.PriceNok, item.CategoryId, item.CategoryName));
        Assert.Equal((null, false, 0), (item.Image, item.Enable, item.SortOrder));
        Assert.Equal(item, await test.Items.FindAsync(6, Token));
        Assert.Contains("Chai", Assert.Single(await test.ChangesAsync()));
    }

    [Fact]
    public async Task Items_are_sorted_by_sort_order_and_name()
    {
        await using var test = TestDatabase.WithSample();
        await test.Items.CreateAsync(Draft("Affogato", categoryId: 1), Token).Saved();

        Assert.Equal(
            ["Affogato", "Grønn te", "Kanelbolle", "Latte", "Cortado", "Espresso"],
            (await test.Items.ListAsync(Token)).Select(item => item.Name));
    }

    [Fact]
    public async Task Taken_name_and_unknown_category_are_refused_together()
    {
        await using var test = TestDatabase.WithSample();

        Assert.Equal(
            [NameTaken, NoCategory], await test.Items.CreateAsync(Draft("Latte", categoryId: 99), Token).Refused());
        Assert.Equal([NameTaken], await test.Items.UpdateAsync(2, new ItemPatch { Name = "Latte" }, Token).Refused());
        Assert.Equal([NoCategory], await test.Items.UpdateAsync(2, new ItemPatch { CategoryId = 99 }, Token).Refused());

        Assert.Equal(5, (await test.Items.ListAsync(Token)).Count);
        Assert.Empty(await test.ChangesAsync());
    }

    [Fact]
    public async Task Name_that_differs_in_case_is_a_different_name()
    {
        await using var test = TestDatabase.WithSample();

        await test.Items.CreateAsync(Draft("latte", categoryId: 1), Token).Saved();
    }

    [Fact]
    public async Task Patch_can_move_an_item_and_remove_its_image()
    {
        await using var test = TestDatabase.WithSample();
        var before = (await test.Items.FindAsync(2, Token))!;

        var after = await test.Items
            .UpdateAsync(2, new ItemPatch { CategoryId = 2, Image = null, PriceNok = -5 }, Token).Saved();

        Assert.Equal(
            before with
            {
                CategoryId = 2,
                CategoryName = "Te",
                Image = null,
                PriceNok = -5,
                UpdatedAt = "2026-11-23T12:00:00",
            },
            after);
    }

    [Fact]
    public async Task Patch_that_changes_nothing_logs_no_change_and_keeps_the_time()
    {
        await using var test = TestDatabase.WithSample();
        var before = await test.Items.FindAsync(1, Token);

        Assert.Equal(before, await test.Items.UpdateAsync(1, new ItemPatch(), Token).Saved());
        var same = new ItemPatch { Name = "Latte", PriceNok = 45 };
        Assert.Equal(before, await test.Items.UpdateAsync(1, same, Token).Saved());
        Assert.Empty(await test.ChangesAsync());
    }

    [Fact]
    public async Task Deleted_item_is_not_found()
    {
        await using var test = TestDatabase.WithSample();

        Assert.Equal("Latte", (await test.Items.DeleteAsync(1, Token).Saved()).Name);
        await test.Items.DeleteAsync(1, Token).NotFound();
        await test.Items.UpdateAsync(1, new ItemPatch(), Token).NotFound();
        Assert.Single(await test.ChangesAsync());
    }

    private static ItemDraft Draft(string name, long categoryId) =>
        new() { Name = name, PriceNok = 35, CategoryId = categoryId };
}
