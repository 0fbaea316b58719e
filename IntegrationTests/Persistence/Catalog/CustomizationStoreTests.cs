using Kaffediem.Persistence.Catalog;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence.Catalog;

/// <summary>Customization keys and values.</summary>
public sealed class CustomizationStoreTests
{
    [Fact]
    public async Task Keys_are_sorted_by_sort_order_name_and_id()
    {
        await using var test = new TestDatabase();
        foreach (var (name, sortOrder) in new[] { ("B", 1), ("A", 1), ("C", -1), ("A", 1) })
        {
            await test.Keys.CreateAsync(
                new CustomizationKeyDraft { Name = name, SortOrder = sortOrder }, Token).Saved();
        }

        Assert.Equal([3, 2, 4, 1], (await test.Keys.ListAsync(Token)).Select(key => key.Id));
    }

    [Fact]
    public async Task Values_are_sorted_by_sort_order_name_and_id()
    {
        await using var test = new TestDatabase();
        foreach (var (name, sortOrder) in new[] { ("B", 1), ("A", 1), ("C", -1), ("A", 1) })
        {
            await test.Values.CreateAsync(
                new CustomizationValueDraft { Name = name, BelongsTo = 1, SortOrder = sortOrder }, Token).Saved();
        }

        Assert.Equal([3, 2, 4, 1], (await test.Values.ListAsync(Token)).Select(value => value.Id));
    }

    [Fact]
    public async Task All_fields_of_a_key_are_stored()
    {
        await using var test = new TestDatabase();
        var draft = new CustomizationKeyDraft
        {
            Name = "Sirup",
            Enable = true,
            LabelColor = "#ff0000",
            DefaultValue = "3",
            MultipleChoice = true,
            SortOrder = 2,
        };

        var key = await test.Keys.CreateAsync(draft, Token).Saved();

        Assert.Equal(("Sirup", true, "#ff0000", "3", true, 2), (
            key.Name, key.Enable, key.LabelColor, key.DefaultValue, key.MultipleChoice, key.SortOrder));
        Assert.Equal(key, await test.Keys.FindAsync(1, Token));
    }

    [Fact]
    public async Task All_fields_of_a_value_are_stored_and_its_key_may_be_unknown()
    {
        await using var test = new TestDatabase();
        var draft = new CustomizationValueDraft
        {
            Name = "Stor",
            BelongsTo = 999,
            PriceIncrementNok = 150,
            ConstantPrice = true,
            Enable = true,
            SortOrder = 2,
        };

        var value = await test.Values.CreateAsync(draft, Token).Saved();

        Assert.Equal(("Stor", 999, 150, true, true, 2), (
            value.Name, value.BelongsTo, value.PriceIncrementNok, value.ConstantPrice, value.Enable, value.SortOrder));
        Assert.Equal(value, await test.Values.FindAsync(1, Token));
    }

    [Fact]
    public async Task Patches_change_the_fields_they_name()
    {
        await using var test = TestDatabase.WithSample();
        var key = (await test.Keys.FindAsync(1, Token))!;
        var value = (await test.Values.FindAsync(1, Token))!;

        Assert.Equal(
            key with { LabelColor = null, UpdatedAt = "2026-11-23T12:00:00" },
            await test.Keys.UpdateAsync(1, new CustomizationKeyPatch { LabelColor = null }, Token).Saved());
        Assert.Equal(
            value with { PriceIncrementNok = 7, BelongsTo = 2, UpdatedAt = "2026-11-23T12:00:00" },
            await test.Values.UpdateAsync(
                1, new CustomizationValuePatch { PriceIncrementNok = 7, BelongsTo = 2 }, Token).Saved());
        Assert.Equal(2, (await test.ChangesAsync()).Count);
    }

    [Fact]
    public async Task Patches_that_change_nothing_log_no_change()
    {
        await using var test = TestDatabase.WithSample();
        var key = await test.Keys.FindAsync(1, Token);
        var value = await test.Values.FindAsync(1, Token);

        Assert.Equal(key, await test.Keys.UpdateAsync(1, new CustomizationKeyPatch { Name = "Melk" }, Token).Saved());
        Assert.Equal(key, await test.Keys.UpdateAsync(1, new CustomizationKeyPatch(), Token).Saved());
        Assert.Equal(
            value, await test.Values.UpdateAsync(1, new CustomizationValuePatch { Enable = true }, Token).Saved());
        Assert.Equal(value, await test.Values.UpdateAsync(1, new CustomizationValuePatch(), Token).Saved());
        Assert.Empty(await test.ChangesAsync());
    }

    [Fact]
    public async Task Deleting_a_key_leaves_its_values()
    {
        await using var test = TestDatabase.WithSample();

        await test.Keys.DeleteAsync(1, Token).Saved();

        Assert.Null(await test.Keys.FindAsync(1, Token));
        Assert.Equal(3, (await test.Values.ListAsync(Token)).Count(value => value.BelongsTo == 1));
    }

    [Fact]
    public async Task Unknown_ids_are_not_found()
    {
        await using var test = new TestDatabase();

        await test.Keys.UpdateAsync(9, new CustomizationKeyPatch(), Token).NotFound();
        await test.Keys.DeleteAsync(9, Token).NotFound();
        await test.Values.UpdateAsync(9, new CustomizationValuePatch(), Token).NotFound();
        await test.Values.DeleteAsync(9, Token).NotFound();
    }
}
