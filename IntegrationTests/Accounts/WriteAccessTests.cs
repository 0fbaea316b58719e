using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence.Accounts;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Accounts;

/// <summary>The right to write: <c>Auth:Writes</c> and <c>Auth:AnonymousOrders</c>.</summary>
public sealed class WriteAccessTests
{
    private static readonly (string Method, string Path, string Body)[] AdministratorsWrites =
    [
        ("POST", "category", """{"name":"x"}"""),
        ("PATCH", "category/1", "{}"),
        ("PUT", "category/1", "{}"),
        ("DELETE", "customization_key/4", ""),
        ("POST", "item", """{"name":"x","price_nok":1,"category_id":1}"""),
        ("DELETE", "item/1", ""),
        ("POST", "customization_key", """{"name":"x"}"""),
        ("PATCH", "customization_value/1", "{}"),
        ("POST", "message", "{}"),
        ("DELETE", "message/2", ""),
        ("PATCH", "status/1", """{"open":false}"""),
        ("PATCH", "order/1", """{"state":"completed"}"""),
        ("DELETE", "order/1", ""),
    ];

    [Theory]
    [InlineData("Protected", null, 401, 401)]
    [InlineData("Protected", "customer", 201, 403)]
    [InlineData("Protected", "admin", 201, 200)]
    [InlineData("Open", null, 201, 200)]
    [InlineData("Open", "customer", 201, 200)]
    public async Task Writes_need_the_right_user(string mode, string? user, int placingAnOrder, int everythingElse)
    {
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Environment = "Production",
            Settings = { ["Auth:Writes"] = mode },
        });
        using var client = await SignInAsync(server, user);

        (await PlaceAsync(client)).Is(placingAnOrder);
        foreach (var (method, path, body) in AdministratorsWrites)
        {
            var status = (await SendAsync(client, method, path, body)).Status;
            // 200, 201 and 204 count as the same answer here.
            Assert.True(everythingElse == (status < 300 ? 200 : status), $"{method} {path}: {status}");
        }
    }

    [Fact]
    public async Task Refusal_is_JSON()
    {
        await using var server = KaffediemServer.Start(new ServerSetup { Environment = "Production" });
        using var stranger = server.CreateClient();
        using var customer = await SignInAsync(server, "customer");

        (await SendAsync(stranger, "DELETE", "item/1", "")).Is(401, """{"errors":{"detail":"Unauthorized"}}""");
        (await SendAsync(customer, "DELETE", "item/1", "")).Is(403, """{"errors":{"detail":"Forbidden"}}""");
    }

    [Fact]
    public async Task Anonymous_orders_may_be_allowed_alone()
    {
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Environment = "Production",
            Settings = { ["Auth:AnonymousOrders"] = "true" },
        });
        using var client = server.CreateClient();

        (await PlaceAsync(client)).Is(201);
        (await SendAsync(client, "PATCH", "order/1", """{"state":"completed"}""")).Is(401);
    }

    [Theory]
    [InlineData(null, "", 201)]
    [InlineData(null, ",\"customer_id\":null,\"state\":\"received\",\"missing_information\":true", 201)]
    [InlineData(null, ",\"customer_id\":1", 422, "customer_id", "must be null without a session")]
    [InlineData(null, ",\"state\":\"dispatched\"", 422, "state", "must be received")]
    [InlineData("customer", ",\"customer_id\":2", 201)]
    [InlineData("customer", ",\"customer_id\":null", 201)]
    [InlineData("customer", ",\"customer_id\":1", 422, "customer_id", "must be your own id or null")]
    [InlineData("customer", ",\"customer_id\":2,\"state\":\"production\"", 422, "state", "must be received")]
    [InlineData("admin", ",\"customer_id\":2,\"state\":\"dispatched\"", 201)]
    public async Task Customer_can_only_order_for_itself(
        string? user, string more, int status, string field = "", string reason = "")
    {
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Environment = "Production",
            Settings = { ["Auth:AnonymousOrders"] = "true" },
        });
        using var client = await SignInAsync(server, user);

        var answer = await SendAsync(client, "POST", "order", $$"""{"items":[{"item":2}]{{more}} }""");

        answer.Is(status);
        if (status == 422)
        {
            answer.Is(422, $$"""{"errors":{"{{field}}":["{{reason}}"]} }""");
        }
    }

    [Fact]
    public async Task Refused_order_of_a_customer_names_every_field()
    {
        await using var server = KaffediemServer.Start(new ServerSetup { Environment = "Production" });
        using var client = await SignInAsync(server, "customer");
        const string Order = """{"items":[{"item":2}],"customer_id":1,"state":"completed"}""";

        (await SendAsync(client, "POST", "order", Order)).Is(
            422, """{"errors":{"customer_id":["must be your own id or null"],"state":["must be received"]}}""");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("customer")]
    public async Task Open_writes_allow_every_field_of_an_order(string? user)
    {
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Environment = "Production",
            Settings = { ["Auth:Writes"] = "Open" },
        });
        using var client = await SignInAsync(server, user);

        const string Order = """{"items":[{"item":2}],"customer_id":1,"state":"completed"}""";
        (await SendAsync(client, "POST", "order", Order)).Is(201);
    }

    [Fact]
    public async Task Right_ends_with_the_session()
    {
        await using var server = KaffediemServer.Start(new ServerSetup { Environment = "Production" });
        using var client = await SignInAsync(server, "admin");
        (await SendAsync(client, "PATCH", "status/1", """{"open":false}""")).Is(200);

        (await client.DeleteAsync("/api/session")).Is(204);

        (await SendAsync(client, "PATCH", "status/1", """{"open":true}""")).Is(401);
    }

    [Theory]
    [InlineData("Development", 201)]
    [InlineData("Staging", 401)]
    public async Task Writes_are_open_by_default_only_in_development(string environment, int status)
    {
        await using var server = KaffediemServer.Start(new ServerSetup { Environment = environment });
        using var client = server.CreateClient();

        (await PlaceAsync(client)).Is(status);
    }

    [Fact]
    public async Task Reading_is_open()
    {
        await using var server = KaffediemServer.Start(new ServerSetup { Environment = "Production" });
        using var client = server.CreateClient();

        string[] collections =
            ["category", "item", "customization_key", "customization_value", "message", "status", "order"];
        foreach (var collection in collections)
        {
            (await client.GetAsync($"/api/collections/{collection}/records")).Is(200);
        }
    }

    private static async Task<RestClient> SignInAsync(KaffediemServer server, string? user)
    {
        var client = server.CreateClient();
        if (user == "customer")
        {
            var users = server.Services.GetRequiredService<UserStore>();
            var hash = BCrypt.Net.BCrypt.HashPassword(Administrator.Password, 4);
            await users.CreateAsync("kari@kaffediem.test", "Kari", hash, isAdmin: false, CancellationToken.None);
            (await client.SignInAsync("kari@kaffediem.test")).Is(200);
        }
        else if (user == "admin")
        {
            (await client.SignInAsync()).Is(200);
        }

        return client;
    }

    private static Task<RestAnswer> PlaceAsync(RestClient client) =>
        SendAsync(client, "POST", "order", """{"items":[{"item":2}]}""");

    private static async Task<RestAnswer> SendAsync(RestClient client, string method, string path, string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        var (collection, id) = path.Split('/') is [var name, var number] ? (name, "/" + number) : (path, "");
        return await client.SendAsync(method, $"/api/collections/{collection}/records{id}", content);
    }
}
