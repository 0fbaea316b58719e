using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Writing;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence.Catalog;

public sealed class CategoryStoreTests
{
    [Fact]
    public async Task Draft_has_the_defaults_of_the_columns()
    {
        await using var test = new TestDatabase();

        var category = await test.Categories.CreateAsync(new CategoryDraft { Name = "Kaffe" }, Token).Saved();

        Assert.Equal((1, "Kaffe", 0, false), (category.Id, category.Name, category.SortOrder, category.Enable));
        Assert.Empty(category.ValidCustomizations);
        Assert.Equal(("2026-11-23T12:00:00", "2026-11-23T12:00:00"), (category.InsertedAt, category.UpdatedAt));
    }

    [Fact]
    public async Task Categories_are_sorted_by_sort_order_name_and_id()
    {
        await using var test = new TestDatabase();
        foreach (var (name, sortOrder) in new[] { ("B", 1), ("A", 1), ("C", -1), ("A", 1), ("a", 0) })
        {
            await test.Categories.CreateAsync(new CategoryDraft { Name = name, SortOrder = sortOrder }, Token).Saved();
        }

        Assert.Equal([3, 5, 2, 4, 1], (await test.Categories.ListAsync(Token)).Select(category => category.Id));
    }

    [Fact]
    public async Task Valid_customizations_are_stored_as_Kaffebase_stores_them()
    {
        await using var test = new TestDatabase();

        var category = await test.Categories
            .CreateAsync(new CategoryDraft { Name = "Kaffe", ValidCustomizations = [3, 1] }, Token).Saved();

        Assert.Equal([3, 1], category.ValidCustomizations);
        Assert.Equal(
            ["""[{"key_id":3},{"key_id":1}]"""], test.Query<string>("SELECT valid_customizations FROM category"));
    }

    [Fact]
    public async Task Name_is_stored_character_for_character()
    {
        await using var test = new TestDatabase();
        const string Name = "  Kåffe ☕ 𝔘 </script> \"q\" \\ a\0b  ";

        var category = await test.Categories.CreateAsync(new CategoryDraft { Name = Name }, Token).Saved();
        var patched = await test.Categories.UpdateAsync(1, new CategoryPatch { SortOrder = 1 }, Token).Saved();

        Assert.Equal(Name, category.Name);
        Assert.Equal(Name, patched.Name);
        Assert.Equal(Name, (await test.Categories.FindAsync(1, Token))!.Name);
    }

    [Fact]
    public async Task Categories_of_a_Kaffebase_file_are_read()
    {
        await using var test = TestDatabase.WithSample();

        var categories = await test.Categories.ListAsync(Token);

        Assert.Equal(["Kaffe", "Te", "Bakst"], categories.Select(category => category.Name));
        Assert.Equal([1, 2, 3], categories[0].ValidCustomizations);
        Assert.Equal([true, true, false], categories.Select(category => category.Enable));
    }

    [Fact]
    public async Task Patch_changes_the_fields_it_names_and_the_time()
    {
        await using var test = TestDatabase.WithSample();
        var before = (await test.Categories.FindAsync(1, Token))!;

        var patch = new CategoryPatch { Name = "Varmt", ValidCustomizations = new long[] { 2 } };
        var after = await test.Categories.UpdateAsync(1, patch, Token).Saved();

        Assert.Equal([2], after.ValidCustomizations);
        Assert.Equal(
            before with
            {
                Name = "Varmt",
                ValidCustomizations = after.ValidCustomizations,
                UpdatedAt = "2026-11-23T12:00:00",
            },
            after);
        Assert.Equal("Varmt", (await test.Categories.FindAsync(1, Token))!.Name);
        Assert.StartsWith("category Update {\"id\":1,\"name\":\"Varmt\"", (await test.ChangesAsync())[0]);
    }

    [Fact]
    public async Task Patch_that_changes_nothing_logs_no_change_and_keeps_the_time()
    {
        await using var test = TestDatabase.WithSample();
        var before = (await test.Categories.FindAsync(1, Token))!;

        var unnamed = await test.Categories.UpdateAsync(1, new CategoryPatch(), Token).Saved();
        var patch = new CategoryPatch { Name = "Kaffe", ValidCustomizations = new long[] { 1, 2, 3 } };
        var same = await test.Categories.UpdateAsync(1, patch, Token).Saved();

        Assert.Equal([before.UpdatedAt, before.UpdatedAt], [unnamed.UpdatedAt, same.UpdatedAt]);
        Assert.Empty(await test.ChangesAsync());
    }

    [Fact]
    public async Task Category_with_items_is_not_deleted()
    {
        await using var test = TestDatabase.WithSample();

        var errors = await test.Categories.DeleteAsync(1, Token).Refused();

        Assert.Equal([new FieldError("items", "are still associated with this entry")], errors);
        Assert.NotNull(await test.Categories.FindAsync(1, Token));
        Assert.Empty(await test.ChangesAsync());
    }

    [Fact]
    public async Task Category_without_items_is_deleted()
    {
        await using var test = TestDatabase.WithSample();
        await test.Items.DeleteAsync(5, Token).Saved();

        var category = await test.Categories.DeleteAsync(3, Token).Saved();

        Assert.Equal("Bakst", category.Name);
        Assert.Null(await test.Categories.FindAsync(3, Token));
        Assert.DoesNotContain("Bakst", (await test.ChangesAsync())[^1]);
    }

    [Fact]
    public async Task Unknown_category_is_not_found()
    {
        await using var test = new TestDatabase();

        Assert.Null(await test.Categories.FindAsync(9, Token));
        await test.Categories.UpdateAsync(9, new CategoryPatch { Name = "x" }, Token).NotFound();
        await test.Categories.DeleteAsync(9, Token).NotFound();
    }
}
