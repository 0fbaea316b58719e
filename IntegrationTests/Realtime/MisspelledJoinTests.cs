using Kaffediem.IntegrationTests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Realtime;

/// <summary>Joins with unknown collections, options or members.</summary>
public sealed class MisspelledJoinTests
{
    private const string Unknown = "which does not exist";

    [Theory]
    [InlineData("""{"options":{"fromdate":"today"}}""",
        "\"fromdate\" is not an option; the options are from_date, customer_id")]
    [InlineData("""{"options":{"from_date":"today","customer":7}}""",
        "\"customer\" is not an option; the options are customer_id, from_date")]
    [InlineData("""{"options":{"state":"received"}}""",
        "\"state\" is not an option; the options are from_date, customer_id")]
    [InlineData("""{"from_date":"today"}""", "\"from_date\" must be sent inside options, as from_date")]
    [InlineData("""{"options":{},"customerId":7}""", "\"customerId\" must be sent inside options, as customer_id")]
    [InlineData("""{"form_date":"today"}""", "\"form_date\" must be sent inside options, as from_date")]
    [InlineData("""{"fromdate":"today"}""", "\"fromdate\" must be sent inside options, as from_date")]
    [InlineData("""{"option":{"from_date":"today"}}""", "\"option\" is not known; send options")]
    [InlineData("""{"options":{},"Since":{"epoch":"x","seq":1}}""", "\"Since\" is not known; send since")]
    public async Task Misspelled_option_of_orders_is_an_error_that_names_the_right_one(string payload, string reason)
    {
        await using var server = KaffediemServer.Start();
        using var client = await WireClient.ConnectAsync(server.BaseAddress);

        var reply = await client.JoinAsync("collection:order", payload: payload);

        Assert.Equal(("error", reason), (reply.Status, reply.Reason));
    }

    // The joins of the front end, joins with a client's own members, and the reference transcript W68 and W76.
    [Theory]
    [InlineData("order", """{"options":{}}""")]
    [InlineData("order", """{"options":{"from_date":"today"}}""")]
    [InlineData("order", """{"options":{"from_date":null,"customer_id":null},"since":null}""")]
    [InlineData("order", """{"other":1}""")]
    [InlineData("order", """{"token":"abc","user_token":"abc","params":{},"vsn":"2.0.0"}""")]
    [InlineData("status", """{"options":"x"}""")]
    [InlineData("message", """{"options":{"from_date":"today","nope":1}}""")]
    public async Task Other_members_are_accepted(string collection, string payload)
    {
        await using var server = KaffediemServer.Start();
        using var client = await WireClient.ConnectAsync(server.BaseAddress);

        Assert.Equal("ok", (await client.JoinAsync("collection:" + collection, payload: payload)).Status);
    }

    [Fact]
    public async Task Misspelled_member_screen_is_an_error()
    {
        await using var server = KaffediemServer.Start(new ServerSetup { Environment = "Production" });
        using var rest = server.CreateClient();
        var cookie = (await rest.SignInAsync()).Header("Set-Cookie")!.Split(';')[0];
        var frames = await FrameClient.ConnectAsync(
            server.BaseAddress, "/socket/websocket?vsn=2.0.0", headers: [("Cookie", cookie)]);
        using var client = new WireClient(frames, version: 2);

        Assert.Equal(
            "\"Screen\" is not known; send screen",
            (await client.JoinAsync("presence:staff", payload: """{"Screen":"kitchen"}""")).Reason);
        Assert.Equal("ok", (await client.JoinAsync("presence:staff", payload: """{"theme":"dark"}""")).Status);
    }

    [Fact]
    public async Task Answer_of_an_unknown_collection_names_the_collections()
    {
        await using var server = KaffediemServer.Start();
        server.Logs.Expect(Unknown);
        using var client = await WireClient.ConnectAsync(server.BaseAddress);

        var joined = await client.JoinAsync("collection:orders");
        await client.SendAsync("\"1\"", "\"2\"", "collection:orders", "reload");
        var reloaded = await client.ReceiveAsync();
        var known = await client.JoinAsync("collection:order");

        const string Warning = "\"orders\" is not a collection; the collections are order, ";
        Assert.Equal(("ok", "[]"), (joined.Status, joined.Response?["items"]?.ToJsonString()));
        Assert.StartsWith(Warning, (string?)joined.Response?["warning"], StringComparison.Ordinal);
        Assert.StartsWith(Warning, (string?)reloaded.Response?["warning"], StringComparison.Ordinal);
        Assert.False(known.Response!.AsObject().ContainsKey("warning"));
    }

    [Fact]
    public async Task Joins_of_unknown_collections_are_logged_at_most_ten_times_a_minute()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = KaffediemServer.Start(new ServerSetup
        {
            ConfigureServices = services => services.AddSingleton<TimeProvider>(time),
        });
        server.Logs.Expect("do not exist");
        server.Logs.Expect(Unknown);
        using var client = await WireClient.ConnectAsync(server.BaseAddress);

        await client.JoinAsync("collection:orders");
        await client.JoinAsync("collection:orders\u001b[2J");
        Assert.Equal(
            1,
            server.Logs.Count("\"orders\", which does not exist, and got an empty list. The collections are order, "));
        Assert.Equal(1, server.Logs.Count("\"orders\\u001B[2J\", which does not exist"));

        for (var i = 0; i < 20; i++)
        {
            await client.JoinAsync($"collection:x{i}");
        }

        Assert.Equal(10, server.Logs.Count(Unknown));
        time.Advance(TimeSpan.FromMinutes(1));
        using var later = await WireClient.ConnectAsync(server.BaseAddress); // the first client has timed out
        await later.JoinAsync("collection:orders2");

        Assert.Equal(11, server.Logs.Count(Unknown));
        Assert.Equal(1, server.Logs.Count("12 more joins of collections that do not exist were not logged."));
    }
}
