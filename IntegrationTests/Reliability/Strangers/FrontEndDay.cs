using System.Globalization;
using Kaffediem.IntegrationTests.Images;
using Kaffediem.IntegrationTests.Shop.Servers;

namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>The front end's requests of a busy day, as it sends them; all of them succeed.</summary>
internal sealed class FrontEndDay(RestClient desk, RestClient guest)
{
    private const string Records = "/api/collections";

    private static readonly string[] States = ["production", "completed", "dispatched"];

    /// <summary>Opens the shop, serves it, and closes it.</summary>
    /// <param name="orders">How many are placed.</param>
    public async Task RunAsync(int orders)
    {
        (await guest.GetAsync("/api/session")).Is(204);
        (await desk.SignInAsync(YearOldFile.Administrator, YearOldFile.Password)).Is(200);
        (await guest.SignInAsync(YearOldFile.Customer, YearOldFile.Password)).Is(200);
        await ChangeMenuAsync();
        await OpenAsync(isOpen: true);
        List<long> placed = [];
        for (var i = 0; i < orders; i++)
        {
            placed.Add(await PlaceAsync(i % 3 == 0 ? guest : desk));
            await AdvanceAsync(placed[i]);
        }

        // "Nullstill bestillinger": a PATCH for each order of the day, all at once.
        var today = (await desk.GetAsync($"{ShopFolder.Orders}?from_date=today")).Items.Select(order =>
            order.GetProperty("id").GetInt64());
        var cleared = await Task.WhenAll(
            today.Select(id => desk.PatchAsync($"{ShopFolder.Orders}/{id}", """{"state":"dispatched"}""")));
        Assert.All(cleared, answer => answer.Is(200));
        await OpenAsync(isOpen: false);
        (await desk.DeleteAsync("/api/session")).Is(204);
        (await desk.GetAsync("/api/session")).Is(204);
    }

    private static async Task<long> PlaceAsync(RestClient client)
    {
        var user = (await client.GetAsync("/api/session")).Is(200).GetProperty("data").GetProperty("id").GetInt64();
        var order = $$"""
            {"customer_id":{{user}},"state":"received","missing_information":false,
             "items":[{"item":1,"customizations":[{"key":1,"value":[1]}]},{"item":2,"customizations":[]}]}
            """;
        return (await client.PostAsync(ShopFolder.Orders, order)).Is(201).GetProperty("id").GetInt64();
    }

    private async Task AdvanceAsync(long order)
    {
        foreach (var state in States)
        {
            (await desk.PatchAsync($"{ShopFolder.Orders}/{order}", $$"""{"state":"{{state}}"}""")).Is(200);
        }
    }

    private async Task ChangeMenuAsync()
    {
        var name = Guid.NewGuid().ToString();
        var category = $$"""{"id":0,"name":"{{name}}","sort_order":-5,"enable":true,"valid_customizations":[1]}""";
        var id = (await desk.PostAsync($"{Records}/category/records", category)).Is(201).GetProperty("id");
        var item = $$"""{"name":"{{name}}","price_nok":30,"category_id":{{id}},"enable":true,"sort_order":20,"image":""}""";
        var itemId = (await desk.PostAsync(ImageFiles.Items, item)).Is(201).GetProperty("id").GetInt64();
        var path = string.Create(CultureInfo.InvariantCulture, $"{ImageFiles.Items}/{itemId}");
        var image = await ImageFiles.UploadAsync(desk, ImageFiles.Png, path);
        Assert.Equal(200, (await guest.GetAsync(new Uri(image).AbsolutePath)).Status);
    }

    private async Task OpenAsync(bool isOpen)
    {
        var message = (await desk.PostAsync($"{Records}/message/records", """{"title":"","subtitle":null}"""))
            .Is(201)
            .GetProperty("id");
        (await desk.PatchAsync($"{Records}/message/records/{message}", """{"title":"Velkommen","subtitle":""}"""))
            .Is(200);
        var status = $$"""{"open":{{(isOpen ? "true" : "false")}},"show_message":true,"message_id":{{message}}}""";
        (await desk.PatchAsync($"{Records}/status/records/1", status)).Is(200);
    }
}
