using System.Net;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Protocol.Sockets;

/// <summary>
/// The handshake: docs/protocol.md, "Order of checks"; reference transcript W1, W20-W32; phoenix@167c469
/// websocket_socket_test.exs, "handles invalid upgrade requests", "allows a custom path".
/// </summary>
public sealed class ConnectTests
{
    [Fact]
    public async Task Answer_to_the_handshake_is_that_of_RFC_6455()
    {
        await using var app = await PhoenixApp.StartAsync();

        using var frames = await FrameClient.ConnectAsync(
            app.Address, "/socket/websocket/?vsn=2.0.0", "GET",
            ("Connection", "keep-alive, Upgrade"), ("Sec-WebSocket-Protocol", "phoenix, chat"),
            ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"));

        Assert.Equal(101, frames.Status);
        Assert.Contains(
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", frames.ResponseHead, StringComparison.Ordinal);
        Assert.Contains("Sec-WebSocket-Protocol: phoenix\r\n", frames.ResponseHead, StringComparison.Ordinal);
        Assert.DoesNotContain("Sec-WebSocket-Extensions", frames.ResponseHead, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("Sec-WebSocket-Key", null)]
    [InlineData("Sec-WebSocket-Key", "c2hvcnQ=")]
    [InlineData("Sec-WebSocket-Version", "12")]
    [InlineData("Sec-WebSocket-Version", null)]
    [InlineData("Connection", "keep-alive")]
    [InlineData("Upgrade", "h2c")]
    public async Task Malformed_upgrade_request_returns_400_and_a_text(string name, string? value)
    {
        await using var app = await PhoenixApp.StartAsync();

        using var frames = await FrameClient.ConnectAsync(
            app.Address, "/socket/websocket?vsn=2.0.0", "GET", (name, value));

        Assert.Equal(400, frames.Status);
        Assert.Contains("must ", await frames.ReadBodyAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/socket/websocket?vsn=2.0.0", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/socket", HttpStatusCode.NotFound)]
    [InlineData("GET", "/socket/other", HttpStatusCode.NotFound)]
    public async Task Plain_request_gets_a_plain_refusal(string method, string path, HttpStatusCode status)
    {
        await using var app = await PhoenixApp.StartAsync();

        using var answer = await ConnectAttempt.SendAsync(app, method, path, null);

        Assert.Equal(status, answer.StatusCode);
    }

    // websocket.ex and long_poll.ex: any other method is a 400 without a body.
    [Theory]
    [InlineData("websocket", "POST")]
    [InlineData("websocket", "HEAD")]
    [InlineData("websocket", "PUT")]
    [InlineData("websocket", "OPTIONS")]
    [InlineData("longpoll", "HEAD")]
    [InlineData("longpoll", "PUT")]
    [InlineData("longpoll", "DELETE")]
    public async Task Another_method_returns_400(string transport, string method)
    {
        await using var app = await PhoenixApp.StartAsync();

        using var answer = await ConnectAttempt.SendAsync(app, method, $"/socket/{transport}?vsn=2.0.0", null);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsStringAsync());
        Assert.Empty(app.State.Connects);
    }

    // "allows a custom path", "endpoint handles multiple mount segments"; a slash at the end changes nothing.
    [Theory]
    [InlineData("websocket", "")]
    [InlineData("websocket", "/")]
    [InlineData("longpoll", "")]
    [InlineData("longpoll", "/")]
    public async Task Socket_can_be_mounted_anywhere(string transport, string slash)
    {
        await using var app = await PhoenixApp.StartAsync(
            configureApp: app => app.MapPhoenixSocket<TestSocket>("/custom/some_path/nested" + slash));

        using var attempt = await ConnectAttempt.MakeAsync(app, transport, "vsn=2.0.0", "/custom/some_path/nested");

        Assert.True(attempt.IsLetIn);
    }

    [Fact]
    public async Task Long_poll_can_be_turned_off()
    {
        await using var app = await PhoenixApp.StartAsync(configureSocket: options => options.LongPoll = false);

        using var attempt = await ConnectAttempt.MakeAsync(app, "websocket");
        using var poll = await ConnectAttempt.MakeAsync(app, "longpoll");

        Assert.Equal((101, 404), (attempt.Status, poll.Status));
    }

    // docs/protocol.md, "Order of checks": method, origin, auth token, subprotocol, version, the application, the
    // upgrade.
    [Theory]
    [InlineData("method", 400)]
    [InlineData("origin", 403)]
    [InlineData("auth token", 403)]
    [InlineData("subprotocol", 403)]
    [InlineData("version", 403)]
    [InlineData("application", 429)]
    [InlineData("handshake", 400)]
    public async Task First_check_that_fails_decides(string cause, int status)
    {
        await using var app = await PhoenixApp.StartAsync(configureSocket: options => options.Subprotocols.Add("sip"));
        using var meter = new MeterReader(app);
        string[] checks = ["method", "origin", "auth token", "subprotocol", "version", "application", "handshake"];

        // The named check and all later ones fail.
        bool Passes(string check) => Array.IndexOf(checks, check) < Array.IndexOf(checks, cause);
        using var frames = await FrameClient.ConnectAsync(
            app.Address,
            $"/socket/websocket?vsn={(Passes("version") ? 2 : 3)}.0.0{(Passes("application") ? "" : "&deny=429")}",
            Passes("method") ? "GET" : "POST",
            ("Content-Length", Passes("method") ? null : "0"),
            ("Origin", Passes("origin") ? null : "http://evil.example"),
            (
                "Sec-WebSocket-Protocol",
                !Passes("auth token") ? "base64url.bearer.phx.!" : Passes("subprotocol") ? "sip" : "chat"),
            ("Sec-WebSocket-Key", null));

        Assert.Equal(status, frames.Status);
        Assert.Equal(["cause=" + cause + " transport=websocket"], meter["phoenix.refusals"].Keys);
        Assert.Equal(cause is "application" or "handshake" ? 1 : 0, app.State.Connects.Count);
    }
}
