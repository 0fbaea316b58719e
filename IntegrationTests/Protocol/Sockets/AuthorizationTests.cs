using System.Security.Claims;
using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Protocol.Sockets;

/// <summary>ASP.NET Core's authorization in front of a socket, and how its user reaches the channel:
/// Protocol/README.md, "Users".</summary>
public sealed class AuthorizationTests
{
    public static TheoryData<string> Transports => ["websocket", "longpoll"];

    // Not 302: a client would follow it to the login page and treat that as the answer.
    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Protected_socket_without_a_user_returns_401(string transport)
    {
        await using var app = await StartAsync();

        using var attempt = await ConnectAttempt.MakeAsync(app, transport, "vsn=2.0.0", "/members");

        Assert.Equal((401, ""), (attempt.HttpStatus, attempt.Body));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Signed_in_user_is_admitted_and_reaches_the_channel(string transport)
    {
        await using var app = await StartAsync();
        var cookie = await SignInAsync(app, "ada");

        using var attempt = await ConnectAttempt.MakeAsync(app, transport, "vsn=2.0.0", "/members", ("Cookie", cookie));

        Assert.True(attempt.IsLetIn);
        Assert.Equal("connected ada", app.State.NextEvent());
        if (transport == "websocket")
        {
            using var client = new WireClient(attempt.Frames, 2);
            Assert.Equal("ada", (string?)(await client.JoinAsync("room")).Response!["user"]);
        }
    }

    [Theory]
    [InlineData("websocket", "ada", 403)]
    [InlineData("longpoll", "ada", 403)]
    [InlineData("websocket", "staff", 101)]
    [InlineData("longpoll", "staff", 200)]
    public async Task Authorize_on_the_class_of_a_socket_counts(string transport, string user, int status)
    {
        await using var app = await StartAsync();
        var cookie = await SignInAsync(app, user);

        using var attempt = await ConnectAttempt.MakeAsync(app, transport, "vsn=2.0.0", "/staff", ("Cookie", cookie));

        Assert.Equal(status, attempt.HttpStatus);
    }

    // phoenix.js sends its authToken as a subprotocol, and over long-poll in its own header.
    [Theory]
    [InlineData("websocket", "members", true, 101)]
    [InlineData("websocket", "members", false, 401)]
    [InlineData("longpoll", "members", true, 410)]
    [InlineData("longpoll", "members", false, 401)]
    [InlineData("websocket", "open", true, 101)]
    [InlineData("websocket", "open", false, 403)]
    [InlineData("longpoll", "open", true, 410)]
    [InlineData("longpoll", "open", false, 403)]
    public async Task Auth_token_is_a_bearer_token(string transport, string mount, bool isValid, int status)
    {
        await using var app = await StartAsync(BearerTokenDefaults.AuthenticationScheme);
        var token = isValid ? await FetchTokenAsync(app) : "rubbish";
        var base64 = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(token)).TrimEnd('=');
        (string, string?) header = transport == "websocket"
            ? ("Sec-WebSocket-Protocol", $"phoenix, base64url.bearer.phx.{base64}")
            : ("X-Phoenix-AuthToken", token);

        using var attempt = await ConnectAttempt.MakeAsync(app, transport, "vsn=2.0.0", "/" + mount, header);

        Assert.Equal(status, attempt.Status);
    }

    // phoenix.js 1.8.16, longpoll.js: its POSTs have no auth token.
    [Fact]
    public async Task Long_poll_needs_the_bearer_only_to_connect_if_ConnectAsync_decides()
    {
        await using var app = await StartAsync(BearerTokenDefaults.AuthenticationScheme);
        var token = await FetchTokenAsync(app);
        using var attempt = await ConnectAttempt.MakeAsync(
            app, "longpoll", "vsn=2.0.0", "/open", ("X-Phoenix-AuthToken", token));
        var query = $"vsn=2.0.0&token={Uri.EscapeDataString(attempt.Token)}";

        using var posted = await ConnectAttempt.SendAsync(
            app, "POST", $"/open/longpoll?{query}", new StringContent("""["1","1","room","phx_join",{}]"""));
        using var polled = await ConnectAttempt.MakeAsync(
            app, "longpoll", query, "/open", ("X-Phoenix-AuthToken", token));

        Assert.Equal("""{"status":200}""", await posted.Content.ReadAsStringAsync());
        var reply = (string)JsonNode.Parse(polled.Body)!["messages"]![0]!;
        Assert.Equal("staff", (string?)JsonNode.Parse(reply)![4]!["response"]!["user"]);
    }

    private static Task<PhoenixApp> StartAsync(string scheme = CookieAuthenticationDefaults.AuthenticationScheme) =>
        PhoenixApp.StartAsync(
            configureBuilder: builder =>
            {
                MemoryKeys.Add(builder.Services);
                builder.Services.AddAuthorization();
                builder.Services.AddAuthentication(scheme)
                    .AddCookie()
                    .AddBearerToken(options => options.Events = new BearerTokenEvents
                    {
                        OnMessageReceived = context =>
                        {
                            context.Token = context.Request.GetPhoenixAuthToken();
                            return Task.CompletedTask;
                        },
                    });
            },
            configureApp: app =>
            {
                app.UseAuthentication();
                app.UseAuthorization();
                app.MapGet("/sign-in/{name}", (string name) => TypedResults.SignIn(User(name), null, scheme));
                app.MapPhoenixSocket<MemberSocket>("/members").RequireAuthorization();
                app.MapPhoenixSocket<MemberSocket>("/open");
                app.MapPhoenixSocket<StaffSocket>("/staff");
            });

    private static ClaimsPrincipal User(string name) => new(new ClaimsIdentity(
        [new Claim(ClaimTypes.Name, name), new Claim(ClaimTypes.Role, name)], "test"));

    private static async Task<string> SignInAsync(PhoenixApp app, string name)
    {
        using var answer = await ConnectAttempt.SendAsync(app, "GET", $"/sign-in/{name}", null);
        return answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }

    private static async Task<string> FetchTokenAsync(PhoenixApp app)
    {
        using var answer = await ConnectAttempt.SendAsync(app, "GET", "/sign-in/staff", null);
        return (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["accessToken"]!;
    }

    private class MemberSocket(TestState state) : PhoenixSocket
    {
        private static readonly ChannelRoutes Routes = new ChannelRoutes().Channel<MemberChannel>("room");

        protected override ChannelRoutes Channels => Routes;

        protected override Task<ConnectResult> ConnectAsync(
            JsonObject @params, ConnectInfo connectInfo, CancellationToken cancellationToken)
        {
            if (connectInfo.User.Identity is not { IsAuthenticated: true, Name: { } name })
            {
                return Task.FromResult(ConnectResult.Refuse());
            }

            Assigns.Set("user", name);
            state.Events.Add($"connected {name}", CancellationToken.None);
            return Task.FromResult(ConnectResult.Ok());
        }
    }

    [Authorize(Roles = "staff")]
    private sealed class StaffSocket(TestState state) : MemberSocket(state);

    private sealed class MemberChannel : Channel
    {
        protected override Task<JoinResult> JoinAsync(Payload @params, CancellationToken cancellationToken) =>
            Task.FromResult(JoinResult.Ok(Payload.From(new JsonObject { ["user"] = Assigns.Get<string>("user") })));
    }
}
