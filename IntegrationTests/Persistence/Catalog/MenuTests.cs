using System.Text.Json;
using Kaffediem.Persistence.Catalog;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence.Catalog;

public sealed class MenuTests
{
    [Fact]
    public async Task Indexes_have_every_record_enabled_or_not()
    {
        await using var test = TestDatabase.WithSample();

        var indexes = (await test.Database.ReadAsync(MenuQuery.Read, Token)).Indexes;

        Assert.Equal(["Kaffe", "Te", "Bakst"], indexes.Categories.Select(category => category.Name));
        Assert.Equal(5, indexes.Items.Count);
        Assert.Equal(["Latte", "Cortado", "Espresso"], indexes.ItemsByCategory[1].Select(item => item.Name));
        Assert.Equal(["Melk", "Størrelse", "Sirup", "Topping"], indexes.CustomizationKeys.Select(key => key.Name));
        Assert.Equal(8, indexes.CustomizationValues.Count);
        Assert.Equal(["Hel", "Havre", "Laktosefri"], indexes.CustomizationsByKey[1].Select(value => value.Name));
        Assert.DoesNotContain(4, indexes.CustomizationsByKey.Keys);
    }

    [Fact]
    public async Task Tree_nests_items_and_the_customizations_that_their_category_allows()
    {
        await using var test = TestDatabase.WithSample();

        var tree = (await test.Database.ReadAsync(MenuQuery.Read, Token)).Tree;

        var tea = tree[1];
        Assert.Equal(("Te", 1), (tea.Name, tea.Items.Count));
        var customization = Assert.Single(tea.Items[0].Customizations);
        Assert.Equal("Størrelse", customization.Key.Name);
        Assert.Equal(["Liten", "Stor"], customization.Values.Select(value => value.Name));
        Assert.Empty(tree[2].Items[0].Customizations);
    }

    [Fact]
    public async Task JSON_of_the_menu_has_the_names_that_the_front_end_reads()
    {
        await using var test = TestDatabase.WithSample();
        var menu = await test.Database.ReadAsync(MenuQuery.Read, Token);

        var json = JsonSerializer.SerializeToElement(menu, CatalogJson.Wire.Menu);

        var item = json.GetProperty("tree")[0].GetProperty("items")[0];
        Assert.Equal("Latte", item.GetProperty("name").GetString());
        Assert.Equal("Kaffe", item.GetProperty("category_name").GetString());
        Assert.Equal(45, item.GetProperty("price_nok").GetInt64());
        var customization = item.GetProperty("customizations")[1];
        Assert.Equal("Størrelse", customization.GetProperty("key").GetProperty("name").GetString());
        Assert.Equal(150, customization.GetProperty("values")[1].GetProperty("price_increment_nok").GetInt64());
        var indexes = json.GetProperty("indexes");
        Assert.Equal(
            "categories items items_by_category customization_keys customization_values customizations_by_key",
            string.Join(' ', indexes.EnumerateObject().Select(property => property.Name)));
        Assert.Equal("[1,2,3]", indexes.GetProperty("categories")[0].GetProperty("valid_customizations").GetRawText());
        var tea = indexes.GetProperty("items_by_category").GetProperty("2")[0];
        Assert.Equal(2, tea.GetProperty("category_id").GetInt64());
    }

    [Fact]
    public async Task Change_of_the_catalogue_logs_the_new_record()
    {
        await using var test = TestDatabase.WithSample();

        var item = await test.Items.UpdateAsync(1, new ItemPatch { Name = "Caffè latte" }, Token).Saved();

        Assert.Equal("Caffè latte", item.Name);
        Assert.Equal(
            $"item Update {JsonSerializer.Serialize(item, CatalogJson.Wire.Item)}",
            Assert.Single(await test.ChangesAsync()));
    }

    [Fact]
    public async Task Renaming_a_category_changes_its_items_which_have_the_name()
    {
        await using var test = TestDatabase.WithSample();

        await test.Categories.UpdateAsync(1, new CategoryPatch { Name = "Varmt" }, Token).Saved();

        var items = (await test.Items.ListAsync(Token)).Where(item => item.CategoryId == 1).OrderBy(item => item.Id);
        Assert.Equal(
            items.Select(item => $"item Update {JsonSerializer.Serialize(item, CatalogJson.Wire.Item)}"),
            (await test.ChangesAsync()).Skip(1));
        Assert.All(items, item => Assert.Equal("Varmt", item.CategoryName));
    }
}
