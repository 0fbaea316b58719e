using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Hosting;

/// <summary>The contents of the database of a first start.</summary>
public sealed class FirstRunTests
{
    [Fact]
    public async Task New_database_has_the_records_that_the_front_end_cannot_create()
    {
        await using var server = KaffediemServer.Start(
            new ServerSetup { IsFirstRun = true, Environment = "Production" });
        using var client = server.CreateClient();

        Assert.NotEmpty((await client.GetAsync("/api/collections/category/records")).Items);
        Assert.NotEmpty((await client.GetAsync("/api/collections/item/records")).Items);
        Assert.Single((await client.GetAsync("/api/collections/status/records")).Items);
        var message = Assert.Single((await client.GetAsync("/api/collections/message/records")).Items);
        Assert.NotEqual("", message.GetProperty("title").GetString());
        Assert.Empty((await client.GetAsync("/api/collections/order/records")).Items);
    }

    [Fact]
    public async Task Database_of_Kaffebase_gets_the_missing_records_that_the_front_end_cannot_create()
    {
        await using var first = KaffediemServer.Start(new ServerSetup());
        using var client = first.CreateClient();
        (await client.DeleteAsync("/api/collections/status/records/1")).Is(204);
        for (var id = 1; id <= 3; id++)
        {
            (await client.DeleteAsync($"/api/collections/message/records/{id}")).Is(204);
        }

        await first.StopAsync();
        await using var second = KaffediemServer.Start(new ServerSetup { DatabasePath = first.DatabasePath });
        using var later = second.CreateClient();

        Assert.Single((await later.GetAsync("/api/collections/status/records")).Items);
        var message = Assert.Single((await later.GetAsync("/api/collections/message/records")).Items);
        Assert.NotEqual("", message.GetProperty("title").GetString());
    }

    [Fact]
    public async Task New_database_has_an_administrator_in_Development()
    {
        await using var server = KaffediemServer.Start(new ServerSetup { IsFirstRun = true });
        using var client = server.CreateClient();

        (await client.SignInAsync("admin@kaffediem.test", "kaffediem")).Is(200);
    }

    [Fact]
    public async Task New_database_has_no_default_credentials_outside_Development()
    {
        await using var server = KaffediemServer.Start(
            new ServerSetup { IsFirstRun = true, Environment = "Production" });
        using var client = server.CreateClient();

        (await client.SignInAsync("admin@kaffediem.test", "kaffediem")).Is(401);
    }

    [Fact]
    public async Task Second_start_adds_nothing()
    {
        await using var first = KaffediemServer.Start(new ServerSetup { IsFirstRun = true });
        using var client = first.CreateClient();
        (await client.PostAsync("/api/collections/order/records", """{"items":[{"item":1}]}""")).Is(201);
        var items = await client.GetAsync("/api/collections/item/records");
        await first.StopAsync();

        await using var second = KaffediemServer.Start(new ServerSetup { DatabasePath = first.DatabasePath });
        using var later = second.CreateClient();

        (await later.GetAsync("/api/collections/item/records")).Is(200, items.Text);
        Assert.Single((await later.GetAsync("/api/collections/order/records")).Items);
    }
}
