using System.Globalization;
using Kaffediem.IntegrationTests.Images;
using Kaffediem.IntegrationTests.Shop.Servers;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>The default limits never refuse what real shops do.</summary>
[Experiment("Strangers")]
[Collection(nameof(StrangerTests.OnItsOwn))]
public sealed class RealUseTests(YearOldFile year)
{
    private const int InFlight = 16;
    private const int OrdersEach = 10;
    private const int ConnectAtOnce = 100;
    private const string Messages = "/api/collections/message/records";

    private static readonly int Screens = TestSettings.Pick(quick: 200, full: 2000, @long: 2000);
    private static readonly int Rush = TestSettings.Pick(quick: 100, full: 500, @long: 500);

    [Fact]
    public async Task Two_thousand_screens_behind_one_address_are_served()
    {
        using var shop = year.CreateShop();
        using var server = await ServeAsync(shop);
        using var desk = await SignInAsync(server);
        var pages = await FrontEndPage.OpenManyAsync(server.BaseAddress, Screens, ConnectAtOnce);

        var title = $"{Guid.NewGuid()}";
        (await desk.PostAsync(Messages, $$"""{"title":"{{title}}"}""")).Is(201);

        await Task.WhenAll(pages.Select(page => page.ShowAsync(title)));
        await Task.WhenAll(pages.Select(page => page.BeatAsync()));
        pages.ForEach(page => page.Dispose());
    }

    [Fact]
    public async Task Rush_of_joins_after_a_restart_is_served()
    {
        using var shop = year.CreateShop();
        var port = FreePort.Pick(SeededRandom.Of(TestSettings.Seed, "port", 0));
        string[] settings = [$"--urls=http://127.0.0.1:{port}"];
        using (var before = await ServeAsync(shop, settings))
        {
            var left = await FrontEndPage.OpenManyAsync(before.BaseAddress, Rush, ConnectAtOnce);
            await before.KillAsync();
            left.ForEach(page => page.Dispose());
        }

        using var server = await ServeAsync(shop, settings);
        var pages = await FrontEndPage.OpenManyAsync(server.BaseAddress, Rush, atOnce: Rush);

        await Task.WhenAll(pages.Select(page => page.BeatAsync()));
        pages.ForEach(page => page.Dispose());
    }

    [Fact]
    public async Task Sixteen_orders_in_flight_from_one_till_are_accepted()
    {
        using var shop = year.CreateShop();
        using var server = await ServeAsync(shop);
        using var till = await SignInAsync(server);

        var answers = await Task.WhenAll(Enumerable.Range(0, InFlight).Select(async _ =>
        {
            List<RestAnswer> some = [];
            for (var i = 0; i < OrdersEach; i++)
            {
                some.Add(await till.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder));
            }

            return some;
        }));

        Assert.All(answers.SelectMany(some => some), answer => answer.Is(201));
    }

    [Fact]
    public async Task Whole_day_of_the_front_end_is_served()
    {
        using var shop = year.CreateShop();
        using var server = await ServeAsync(shop);
        using var desk = server.CreateClient();
        using var guest = server.CreateClient();

        await new FrontEndDay(desk, guest).RunAsync(orders: TestSettings.Pick(quick: 10, full: 40, @long: 150));
    }

    private static Task<ServerProcess> ServeAsync(ShopFolder shop, params string[] settings) =>
        shop.ServeAsync(ServerProcess.AsItIs, ["--environment=Production", .. settings]);

    private static async Task<RestClient> SignInAsync(ServerProcess server)
    {
        var client = server.CreateClient();
        (await client.SignInAsync(YearOldFile.Administrator, YearOldFile.Password)).Is(200);
        return client;
    }
}

/// <summary>The front end's requests of a busy day, as it sends them; all of them succeed.</summary>
file sealed class FrontEndDay(RestClient desk, RestClient guest)
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

/// <summary>A page of the front end in a browser, with the topics that it joins.</summary>
file sealed class FrontEndPage : IDisposable
{
    /// <summary>The topics that a customer's phone joins.</summary>
    public static readonly IReadOnlyList<string> Front = ["menu", "message", "status"];

    /// <summary>The topics that the wall display and the kitchen join.</summary>
    public static readonly IReadOnlyList<string> Display = ["message", "status", "order"];

    private readonly FrameClient _client;

    private FrontEndPage(FrameClient client) => _client = client;

    /// <summary>Opens it; every join is answered with ok.</summary>
    public static async Task<FrontEndPage> OpenAsync(Uri server, IReadOnlyList<string> topics) =>
        new(await JoinedClient.JoinedAsync(server, [.. topics.Select((topic, index) => Join(topic, index + 1))]));

    /// <summary>Opens many, some at a time, half of them displays.</summary>
    public static async Task<List<FrontEndPage>> OpenManyAsync(Uri server, int count, int atOnce)
    {
        List<FrontEndPage> pages = [];
        foreach (var some in Enumerable.Range(0, count).Chunk(atOnce))
        {
            pages.AddRange(
                await Task.WhenAll(some.Select(index => OpenAsync(server, index % 2 == 0 ? Front : Display))));
        }

        return pages;
    }

    /// <summary>Waits until it receives a change that contains a text.</summary>
    public async Task ShowAsync(string text)
    {
        while (!(await _client.ReadTextAsync()).Contains(text, StringComparison.Ordinal))
        {
        }
    }

    /// <summary>Sends a heartbeat, like phoenix.js.</summary>
    public async Task BeatAsync()
    {
        await _client.SendTextAsync("""[null,"99","phoenix","heartbeat",{}]""");
        await ShowAsync("\"99\"");
    }

    public void Dispose() => _client.Dispose();

    // As recorded from the front end: the orders of today; no options otherwise.
    private static string Join(string topic, int number) => topic == "order"
        ? $$$"""["{{{number}}}","{{{number}}}","collection:order","phx_join",{"options":{"from_date":"today"}}]"""
        : $$$"""["{{{number}}}","{{{number}}}","collection:{{{topic}}}","phx_join",{"options":{}}]""";
}
