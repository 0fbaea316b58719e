using Kaffediem.IntegrationTests.Shop.History;
using Kaffediem.IntegrationTests.Shop.Screens;

namespace Kaffediem.IntegrationTests.Reliability.History;

/// <summary>Joins once, to see what there is, and hangs up.</summary>
internal static class FreshLook
{
    /// <returns>Whether it was answered.</returns>
    public static async Task<bool> TryAsync(string who, Uri server, Wire wire, string collection, ShopHistory history)
    {
        using var line = await ScreenLine.TryOpenAsync(server, wire);
        if (line is null)
        {
            return false;
        }

        var client = new ClientHistory(who, history);
        client.Joins(collection, since: null);
        await line.SendAsync("1", "1", $"collection:{collection}", "phx_join", """{"options":{}}""");
        while (await line.ReadAsync() is var (_, topic, @event, payload))
        {
            client.Hears(topic, @event, payload);
            if (@event == "phx_reply")
            {
                client.Loses(closeCode: null);
                return true;
            }
        }

        client.Loses(line.CloseCode);
        return false;
    }
}
