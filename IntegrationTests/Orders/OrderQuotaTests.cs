using System.Globalization;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence.Accounts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Orders;

/// <summary>The number of orders that a client may place: section <c>Quota</c>.</summary>
public sealed class OrderQuotaTests
{
    private const string Orders = "/api/collections/order/records";
    private const string Coffee = """{"items":[{"item":2}]}""";
    private const string Refused = """{"errors":{"detail":"Too many new records in a minute. Try again later."}}""";

    [Fact]
    public async Task Customer_gets_429_beyond_the_quota_and_is_served_again_when_it_has_refilled()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = Start(("OrdersPerCustomer", 6), time: time);
        using var customer = await SignInAsync(server, "kari");
        for (var i = 0; i < 6; i++)
        {
            (await customer.PostAsync(Orders, Coffee)).Is(201);
        }

        var refused = await customer.PostAsync(Orders, Coffee);
        time.Advance(TimeSpan.FromSeconds(9));
        (await customer.PostAsync(Orders, Coffee)).Is(429);
        time.Advance(TimeSpan.FromSeconds(1));

        refused.Is(429, Refused);
        Assert.Equal("10", refused.Header("Retry-After"));
        (await customer.PostAsync(Orders, Coffee)).Is(201);
        (await customer.PostAsync(Orders, Coffee)).Is(429);
        Assert.Equal(1, server.Logs.Count("are refused for now"));
    }

    [Fact]
    public async Task Quota_belongs_to_the_user_not_to_a_session()
    {
        await using var server = Start(("OrdersPerCustomer", 2));
        using var phone = await SignInAsync(server, "kari");
        using var tablet = server.CreateClient();
        (await tablet.SignInAsync("kari@kaffediem.test")).Is(200);
        using var other = await SignInAsync(server, "ola");

        (await phone.PostAsync(Orders, Coffee)).Is(201);
        (await tablet.PostAsync(Orders, Coffee)).Is(201);

        (await phone.PostAsync(Orders, Coffee)).Is(429);
        (await tablet.PostAsync(Orders, Coffee)).Is(429);
        (await other.PostAsync(Orders, Coffee)).Is(201);
    }

    [Fact]
    public async Task Address_has_one_quota_for_all_its_users_and_anonymous_orders()
    {
        await using var server = Start(("OrdersPerAddress", 3));
        using var kari = await SignInAsync(server, "kari");
        using var ola = await SignInAsync(server, "ola");
        using var stranger = server.CreateClient();
        using var elsewhere = new RestClient(server.BaseAddress, System.Net.IPAddress.Parse("127.0.0.2"));
        (await kari.PostAsync(Orders, Coffee)).Is(201);
        (await ola.PostAsync(Orders, Coffee)).Is(201);
        (await stranger.PostAsync(Orders, Coffee)).Is(201);

        (await kari.PostAsync(Orders, Coffee)).Is(429);
        (await stranger.PostAsync(Orders, Coffee)).Is(429);
        (await elsewhere.PostAsync(Orders, Coffee)).Is(201);
    }

    [Fact]
    public async Task Administrators_have_no_quota()
    {
        await using var server = Start(("OrdersPerCustomer", 1));
        using var till = server.CreateClient();
        (await till.SignInAsync()).Is(200);

        var orders = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => till.PostAsync(Orders, Coffee)));

        Assert.All(orders, order => order.Is(201));
    }

    [Fact]
    public async Task Open_writes_have_no_quota()
    {
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            Settings = { ["Auth:Writes"] = "Open", ["Quota:OrdersPerAddress"] = "1" },
        });
        using var client = server.CreateClient();

        (await client.PostAsync(Orders, Coffee)).Is(201);
        (await client.PostAsync(Orders, Coffee)).Is(201);
    }

    [Theory]
    [InlineData("Idempotency-Key", "a-key", Coffee)]
    [InlineData("X-None", "none", """{"items":[{"item":2}],"uuid":"0192f3a1-7c4e-7d3b-8f2a-5b6c7d8e9f01"}""")]
    public async Task Retried_request_does_not_count_again(string header, string value, string order)
    {
        await using var server = Start(("OrdersPerCustomer", 2));
        using var customer = await SignInAsync(server, "kari");

        for (var i = 0; i < 5; i++)
        {
            var answer = await customer.SendAsync("POST", Orders, order, (header, value));
            answer.Is(201);
            Assert.Equal(i > 0 ? "true" : null, answer.Header("Idempotency-Replayed"));
        }

        (await customer.PostAsync(Orders, Coffee)).Is(201);
        (await customer.PostAsync(Orders, Coffee)).Is(429);
    }

    // 100 lines count as three orders.
    [Fact]
    public async Task Large_order_counts_as_several_and_one_above_the_quota_needs_all_of_it()
    {
        await using var server = Start(("OrdersPerCustomer", 4));
        using var kari = await SignInAsync(server, "kari");
        using var ola = await SignInAsync(server, "ola");
        (await kari.PostAsync(Orders, OrderOf(100))).Is(201);
        (await kari.PostAsync(Orders, Coffee)).Is(201);
        (await kari.PostAsync(Orders, Coffee)).Is(429);

        (await ola.PostAsync(Orders, OrderOf(1000))).Is(201);
        (await ola.PostAsync(Orders, Coffee)).Is(429);
    }

    private static string OrderOf(int lines) =>
        $$"""{"items":[{{string.Join(',', Enumerable.Repeat("""{"item":2}""", lines))}}]}""";

    private static KaffediemServer Start((string Name, int Value) setting, TimeProvider? time = null)
    {
        var server = KaffediemServer.Start(new ServerSetup
        {
            Environment = "Production",
            Settings =
            {
                ["Auth:AnonymousOrders"] = "true",
                [$"Quota:{setting.Name}"] = setting.Value.ToString(CultureInfo.InvariantCulture),
            },
            ConfigureServices = services => services.AddSingleton(time ?? new FakeTimeProvider(DateTimeOffset.UtcNow)),
        });
        server.Logs.Expect("are refused for now: too many in a minute");
        return server;
    }

    private static async Task<RestClient> SignInAsync(KaffediemServer server, string name)
    {
        var hash = BCrypt.Net.BCrypt.HashPassword(Administrator.Password, 4);
        await server.Services.GetRequiredService<UserStore>()
            .CreateAsync($"{name}@kaffediem.test", name, hash, isAdmin: false, CancellationToken.None);
        var client = server.CreateClient();
        (await client.SignInAsync($"{name}@kaffediem.test")).Is(200);
        return client;
    }
}
