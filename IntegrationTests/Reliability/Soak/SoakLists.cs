using Kaffediem.IntegrationTests.Shop.Screens;

namespace Kaffediem.IntegrationTests.Reliability.Soak;

/// <summary>What the server has while nobody writes: every screen must come to show it.</summary>
internal sealed class SoakLists
{
    private readonly Dictionary<ScreenView, RecordList> _lists = [];
    private readonly string _menu;

    private SoakLists(string menu) => _menu = menu;

    public static async Task<SoakLists> ReadAsync(RestClient client, Uri address)
    {
        using var menu = await ScreenClient.JoinAsync(address, ScreenView.Menu);
        var lists = new SoakLists(menu.Joined["items"]!.ToJsonString());
        foreach (var collection in new[] { "message", "status", "category" })
        {
            await lists.ReadAsync(client, new ScreenView(collection));
        }

        foreach (var fromDate in new[] { null, ScreenView.Today })
        {
            await lists.ReadAsync(client, new ScreenView(ScreenView.Order, fromDate));
            for (var customer = 1; customer <= Guest.Customers; customer++)
            {
                await lists.ReadAsync(client, new ScreenView(ScreenView.Order, fromDate, null, customer));
            }
        }

        return lists;
    }

    /// <summary>How a screen differs; <c>null</c> if it does not.</summary>
    public string? Difference(ScreenState state)
    {
        if (state.View.Collection != ScreenView.Menu)
        {
            return _lists[state.View].Difference(state.Records);
        }

        return RecordList.IsSame(_menu, state.Records[0]) ? null : "another menu";
    }

    private async Task ReadAsync(RestClient client, ScreenView view)
    {
        var path = $"/api/collections/{view.Collection}/records{view.Query}";
        _lists[view] = RecordList.Read((await client.GetAsync(path)).Is(200).GetProperty("items"));
    }
}
