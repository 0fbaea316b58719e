using Kaffediem.IntegrationTests.Protocol.Fuzz;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>
/// What real shops do is never refused, with the limits that keep strangers off as they are by default.
/// </summary>
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
    public async Task A_rush_of_joins_after_a_restart_is_served()
    {
        using var shop = year.CreateShop();
        var port = FreePort.Pick(FuzzRandom.Of(TestSettings.Seed, "port", 0));
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
    public async Task The_whole_day_of_the_front_end_is_served()
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
