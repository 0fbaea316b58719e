using Kaffediem.Server.Accounts;
using Kaffediem.Server.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Accounts;

/// <summary>The session's row is read when somebody asks who sends a request, and at most once.</summary>
public sealed class CallersTests
{
    private const string Orders = "/api/collections/order/records";

    private int _reads;

    [Fact]
    public async Task Order_that_many_parts_of_the_server_ask_about_reads_its_session_once()
    {
        await using var server = Start();
        using var client = await SignInAsync(server);
        // Long enough to be counted as an unfinished body, with fields that only some may set, and an idempotency key.
        var body = $$"""{"items":[{"item":2}],"customer_id":1,"state":"completed"{{new string(' ', 10_000)}}}""";

        (await PostAsync(client, body)).Is(201);

        Assert.Equal(1, _reads);
    }

    [Fact]
    public async Task Long_list_reads_its_session_once_and_a_short_one_does_not()
    {
        await using var server = Start();
        using var client = await SignInAsync(server);

        (await client.GetAsync("/api/collections/category/records")).Is(200);
        Assert.Equal(0, _reads);

        (await client.GetAsync(Orders)).Is(200);
        Assert.Equal(1, _reads);
    }

    [Fact]
    public async Task Malformed_key_is_refused_after_the_one_read_that_the_right_to_write_needs()
    {
        await using var server = Start();
        using var client = await SignInAsync(server);

        (await PostAsync(client, "{}", key: "not a key")).Is(400);

        Assert.Equal(1, _reads);
    }

    private static Task<RestAnswer> PostAsync(RestClient client, string body, string key = "a-key") =>
        client.SendAsync("POST", Orders, body, ("Idempotency-Key", key));

    private async Task<RestClient> SignInAsync(KaffediemServer server)
    {
        var client = server.CreateClient();
        (await client.SignInAsync()).Is(200);
        _reads = 0;
        return client;
    }

    private KaffediemServer Start() => KaffediemServer.Start(new ServerSetup
    {
        Environment = "Production",
        ConfigureServices = services => services.AddSingleton(provider => new Callers(context =>
        {
            Interlocked.Increment(ref _reads);
            return provider.GetRequiredService<CookieSession>().FindUserAsync(context);
        })),
    });
}
