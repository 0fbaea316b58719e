using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Bodies;

/// <summary>How many bytes of unfinished REST bodies the server holds.</summary>
public sealed class UnfinishedBodyTests
{
    private const string Orders = "/api/collections/order/records";
    private const int Bytes = 20_000;

    private static readonly string LongOrder = $$"""{"items":[{"item":2}]{{new string(' ', Bytes)}} }""";

    [Theory]
    [InlineData(
        nameof(PhoenixOptions.MaxUnfinishedBytesPerClient), 429, "Too many bodies of this client are unfinished.")]
    [InlineData(nameof(PhoenixOptions.MaxUnfinishedBytes), 503, "Too many bodies are unfinished.")]
    public async Task Long_bodies_but_not_short_ones_are_refused_while_unfinished_bodies_hold_the_budget(
        string limit, int status, string reason)
    {
        await using var server = Start(limit);
        using var client = server.CreateClient();
        (await client.PostAsync(Orders, LongOrder)).Is(201);
        using (await RawRequest.SendAsync(
            server.BaseAddress, $"POST {Orders}", "Content-Type: application/json", $"Content-Length: {4 * Bytes}", "",
            new string(' ', Bytes)))
        {
            var refused = await UntilAsync(() => client.PostAsync(Orders, LongOrder), status);

            Assert.Contains(reason, refused.Text, StringComparison.Ordinal);
            Assert.Equal("10", refused.Header("Retry-After"));
            (await client.PostAsync(Orders, """{"items":[{"item":2}]}""")).Is(201);
        }

        await UntilAsync(() => client.PostAsync(Orders, LongOrder), 201);
    }

    [Fact]
    public async Task Forms_count_and_signed_in_users_have_their_own_budget()
    {
        await using var server = Start(nameof(PhoenixOptions.MaxUnfinishedBytes));
        using var stranger = server.CreateClient();
        using var till = server.CreateClient();
        (await till.SignInAsync()).Is(200);
        using var unfinished = await RawRequest.SendAsync(
            server.BaseAddress, $"POST {Orders}", "Content-Type: multipart/form-data; boundary=b",
            $"Content-Length: {4 * Bytes}", "",
            $"--b\r\nContent-Disposition: form-data; name=\"x\"; filename=\"x\"\r\n\r\n{new string('x', Bytes)}");
        await UntilAsync(() => stranger.PostAsync(Orders, LongOrder), 503);

        (await till.PostAsync(Orders, LongOrder)).Is(201);
    }

    private static KaffediemServer Start(string limit)
    {
        var server = KaffediemServer.Start(new ServerSetup
        {
            Settings = { ["Auth:Writes"] = "Open" },
            ConfigureServices = services => services.Configure<PhoenixOptions>(
                options => typeof(PhoenixOptions).GetProperty(limit)!.SetValue(options, 30_000L)),
        });
        server.Logs.Expect("REFUSED a body or message");
        return server;
    }

    // Only the server knows when the bytes of the other request have arrived, and when its client has left.
    private static async Task<RestAnswer> UntilAsync(Func<Task<RestAnswer>> send, int status)
    {
        RestAnswer? answer = null;
        await Polling.UntilAsync(async () => (answer = await send()).Status == status);
        return answer!;
    }
}
