using System.Net;
using System.Security.Claims;
using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;
using Microsoft.AspNetCore.Builder;

namespace Kaffediem.IntegrationTests.Protocol.Sockets;

/// <summary>
/// The arguments of <c>ConnectAsync</c> and its possible answers: docs/protocol.md, "Connecting"; phoenix@167c469
/// websocket_channels_test.exs and long_poll_channels_test.exs ("... extracted to the socket connect_info", "refuses
/// connects that error with ..."); websocket_socket_test.exs ("returns params with sync request").
/// </summary>
public sealed class ConnectInfoTests
{
    public static TheoryData<string> Transports => ["websocket", "longpoll"];

    // phoenix.js (assets/js/phoenix/ajax.js, serialize) and Plug (test/plug/conn/query_test.exs).
    [Theory]
    [InlineData("a=1&b=2", """{"a":"1","b":"2"}""")]
    [InlineData("a%5Bb%5D=1", """{"a":{"b":"1"}}""")]
    [InlineData("a%5Bb%5D%5Bc%5D=1&a%5Bb%5D%5Bd%5D=2", """{"a":{"b":{"c":"1","d":"2"}}}""")]
    [InlineData("ids%5B0%5D=1&ids%5B1%5D=2", """{"ids":{"0":"1","1":"2"}}""")]
    [InlineData("a=undefined&&b=1&", """{"a":"undefined","b":"1"}""")]
    [InlineData("users[name]=hello&users[age]=17", """{"users":{"name":"hello","age":"17"}}""")]
    [InlineData("x[y][z][]=1&x[y][z][]=2", """{"x":{"y":{"z":["1","2"]}}}""")]
    [InlineData("x[y][][z]=1&x[y][][z]=2", """{"x":{"y":[{"z":"1"},{"z":"2"}]}}""")]
    [InlineData("x[y][][z][]=1", """{"x":{"y":[{"z":["1"]}]}}""")]
    [InlineData("foo[]=", """{"foo":[""]}""")]
    [InlineData("my+weird+field=q1%212%22%27w%245%267%2Fz8%29%3F", """{"my weird field":"q1!2\"'w$5&7/z8)?"}""")]
    [InlineData("n%C3%B8kkel=%E2%98%95+x", """{"nøkkel":"☕ x"}""")]
    [InlineData("a=&b", """{"a":"","b":""}""")]
    [InlineData("a==1=", """{"a":"=1="}""")]
    [InlineData("a[b=1&b]=2&[c]=3&d[e]f=4&g[h]]=5", """{"a[b":"1","b]":"2","[c]":"3","d[e]f":"4","g[h]]":"5"}""")]
    [InlineData("A=1&a=2", """{"A":"1","a":"2"}""")]
    [InlineData("__proto__[a]=1", """{"__proto__":{"a":"1"}}""")]
    public async Task Params_are_nested_as_in_Rails(string query, string expected)
    {
        await using var app = await PhoenixApp.StartAsync();

        Assert.Equal(expected, await ReadParamsAsync(app, query));
    }

    // query_test.exs, "last always wins on bad queries".
    [Theory]
    [InlineData("a=1&a=2", """{"a":"2"}""")]
    [InlineData("x[y]=1&x[y]=2", """{"x":{"y":"2"}}""")]
    [InlineData("x[]=1&x[y]=1", """{"x":{"y":"1"}}""")]
    [InlineData("x[y][][w]=2&x[y]=1", """{"x":{"y":"1"}}""")]
    [InlineData("x=1&x[y]=1", """{"x":{"y":"1"}}""")]
    [InlineData("x[y]=1&x=1", """{"x":"1"}""")]
    [InlineData("x[y]=1&x[]=1", """{"x":["1"]}""")]
    public async Task Last_of_contradicting_params_counts(string query, string expected)
    {
        await using var app = await PhoenixApp.StartAsync();

        Assert.Equal(expected, await ReadParamsAsync(app, query));
    }

    [Fact]
    public async Task Params_nested_too_deeply_are_not_parsed()
    {
        await using var app = await PhoenixApp.StartAsync();
        var deep = "a" + string.Concat(Enumerable.Repeat("[b]", 1000));

        Assert.Equal($$"""{"{{deep}}":"1"}""", await ReadParamsAsync(app, deep + "=1"));
    }

    // websocket_socket_test.exs and long_poll_socket_test.exs, "allows a path with variables"; "endpoint handles
    // multiple mount segments". A variable of the mount wins over a parameter of the client.
    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Variables_of_the_path_are_params(string transport)
    {
        await using var app = await PhoenixApp.StartAsync(
            configureApp: app => app.MapPhoenixSocket<TestSocket>("/shops/{shop}/screens/{screen}/socket/"));

        using var attempt = await ConnectAttempt.MakeAsync(
            app, transport, "vsn=2.0.0&key=value&shop=mine&other[shop]=x", "/shops/k%C3%B8b%20a/screens/7/socket");

        Assert.True(attempt.IsLetIn);
        var (parameters, info) = Assert.Single(app.State.Connects);
        Assert.Equal("køb a", (string?)parameters["shop"]);
        Assert.Equal("7", (string?)parameters["screen"]);
        Assert.Equal("value", (string?)parameters["key"]);
        Assert.Equal("x", (string?)parameters["other"]?["shop"]);
        Assert.StartsWith("/shops/k%C3%B8b%20a/screens/7/socket/", info.Uri.AbsolutePath, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Connect_info_describes_the_client(string transport)
    {
        await using var app = await PhoenixApp.StartAsync();

        using var attempt = await ConnectAttempt.MakeAsync(
            app, transport, "vsn=2.0.0&x=%C3%B8", "/socket",
            ("X-Application", "Phoenix"),
            ("User-Agent", "Firefox/52.0"),
            ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
            ("tracestate", "congo=t61rcWkgMzE"));

        Assert.True(attempt.IsLetIn);
        var info = Assert.Single(app.State.Connects).Info;
        Assert.Equal(transport, info.Transport);
        Assert.Equal(new Uri(app.Address, $"/socket/{transport}?vsn=2.0.0&x=%C3%B8"), info.Uri);
        Assert.Equal(IPAddress.Loopback, info.Peer?.Address);
        Assert.NotEqual(0, info.Peer?.Port);
        Assert.Equal("Firefox/52.0", info.UserAgent);
        Assert.Equal("Phoenix", info.Headers["x-application"]);
        Assert.StartsWith(
            "00-0af7651916cd43dd8448eb211c80319c-", info.Headers["Traceparent"], StringComparison.Ordinal);
        Assert.Equal("congo=t61rcWkgMzE", info.Headers["TRACESTATE"]);
        Assert.Null(info.AuthToken);
        Assert.False(info.User.Identity?.IsAuthenticated);
    }

    [Fact]
    public async Task Headers_of_one_name_are_joined_and_those_of_the_handshake_are_among_them()
    {
        await using var app = await PhoenixApp.StartAsync();

        using var attempt = await ConnectAttempt.MakeAsync(
            app, "websocket", "vsn=2.0.0", "/socket",
            ("X-Many", "1\r\nX-Many: 2, 3"),
            ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"));

        var info = Assert.Single(app.State.Connects).Info;
        Assert.Equal("1,2, 3", info.Headers["X-Many"]);
        Assert.Equal("13", info.Headers["Sec-WebSocket-Version"]);
        Assert.Equal("permessage-deflate; client_max_window_bits", info.Headers["Sec-WebSocket-Extensions"]);
        Assert.Null(info.UserAgent);
    }

    // In place of Phoenix's session: the user that ASP.NET Core has authenticated.
    [Theory]
    [MemberData(nameof(Transports))]
    public async Task User_is_the_one_of_ASP_NET_Core(string transport)
    {
        await using var app = await PhoenixApp.StartAsync(configureApp: app => app.Use((context, next) =>
        {
            context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "ada")], "cookie"));
            return next(context);
        }));

        using var attempt = await ConnectAttempt.MakeAsync(app, transport);

        Assert.Equal("ada", Assert.Single(app.State.Connects).Info.User.Identity?.Name);
    }

    // {:error, reason} with an error_handler: a status that the application chooses, 403 by default. A long-poll client
    // understands no other (docs/protocol.md, "Answers").
    [Theory]
    [InlineData("deny", 403)]
    [InlineData("deny=400", 400)]
    [InlineData("deny=401", 401)]
    [InlineData("deny=429", 429)]
    [InlineData("deny=503", 503)]
    public async Task Refusal_has_the_status_that_the_application_chose_but_always_403_over_long_poll(
        string query,
        int status)
    {
        await using var app = await PhoenixApp.StartAsync();

        using var attempt = await ConnectAttempt.MakeAsync(app, "websocket", "vsn=2.0.0&" + query);
        using var poll = await ConnectAttempt.MakeAsync(app, "longpoll", "vsn=2.0.0&" + query);

        Assert.Equal(status, attempt.HttpStatus);
        Assert.Contains("Content-Length: 0\r\n", attempt.Frames.ResponseHead, StringComparison.Ordinal);
        Assert.Equal((200, """{"status":403}"""), (poll.HttpStatus, poll.Body));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(399)]
    [InlineData(600)]
    public void Refusal_with_another_status_is_a_fault_of_the_application(int status) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ConnectResult.Refuse(status));

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Crash_returns_500_without_details(string transport)
    {
        await using var app = await PhoenixApp.StartAsync();
        app.Logs.Expect("secret");

        using var attempt = await ConnectAttempt.MakeAsync(app, transport, "vsn=2.0.0&crash=1");

        Assert.Equal((500, ""), (attempt.HttpStatus, attempt.Body));
        Assert.Equal(1, app.Logs.Count("InvalidOperationException: secret"));
    }

    private static async Task<string> ReadParamsAsync(PhoenixApp app, string query)
    {
        using var attempt = await ConnectAttempt.MakeAsync(app, "websocket", $"{query}&vsn=2.0.0");
        using var poll = await ConnectAttempt.MakeAsync(app, "longpoll", $"{query}&vsn=2.0.0");
        Assert.True(attempt.IsLetIn && poll.IsLetIn);
        var read = app.State.Connects.Select(connect => connect.Params).ToArray();
        Assert.True(JsonNode.DeepEquals(read[0], read[1]), "The transports read params differently.");
        Assert.True(read[0].Remove("vsn"));
        return read[0].ToJsonString(Json.Relaxed);
    }
}
