using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Content;
using Kaffediem.Persistence.Stores;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence.Stores;

public sealed class DemoMenuTests
{
    [Fact]
    public async Task Demo_menu_has_everything_that_the_front_end_needs()
    {
        await using var test = new TestDatabase();

        await test.Database.WriteAsync(DemoMenu.Seed, Token);

        var indexes = (await test.Database.ReadAsync(MenuQuery.Read, Token)).Indexes;
        Assert.Equal((3, 8), (indexes.Categories.Count, indexes.Items.Count));
        Assert.Equal((3, 8), (indexes.CustomizationKeys.Count, indexes.CustomizationValues.Count));
        var status = Assert.Single(await test.ReadAsync(StatusStore.List));
        Assert.Equal((true, false, null), (status.Open, status.ShowMessage, status.MessageId));
        Assert.NotEmpty(Assert.Single(await test.ReadAsync(NoticeStore.List)).Title);
        Assert.Equal(
            ["category", "item", "customization_key", "customization_value", "message", "status"],
            (await test.ChangesAsync()).Select(change => change.Split(' ')[0]).Distinct());
    }
}
