using Kaffediem.Persistence.Catalog;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence.Catalog;

public sealed class DemoMenuTests
{
    [Fact]
    public async Task It_gives_the_front_end_all_it_needs_to_begin()
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
