using Kaffediem.Persistence.Catalog;
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
        var status = Assert.Single(await test.Statuses.ListAsync(Token));
        Assert.Equal((true, false, null), (status.Open, status.ShowMessage, status.MessageId));
        Assert.NotEmpty(Assert.Single(await test.Notices.ListAsync(Token)).Title);
        Assert.Equal(
            ["customization_key", "customization_value", "category", "item", "message", "status"],
            (await test.ChangesAsync()).Select(change => change.Split(' ')[0]).Distinct());
    }
}
