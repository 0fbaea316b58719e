using System.Net;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol;

/// <summary>The handshake and the version: spec/protocol.md section 1; reference transcript W1-W32.</summary>
public sealed class ConnectTests
{
    [Theory]
    [InlineData("", 1)]
    [InlineData("?", 1)]
    [InlineData("?vsn=1.0.0", 1)]
    [InlineData("?vsn=1.0.5", 1)]
    [InlineData("?vsn=2.0.0", 2)]
    [InlineData("?vsn=2.0.19", 2)]
    [InlineData("?&vsn=2.0.0", 2)]
    [InlineData("?vsn=1.0.0&vsn=2.0.0", 2)]
    [InlineData("?vsn=2.0.0&token=x&a%5Bb%5D=1&", 2)]
    public async Task The_version_selects_the_serializer(string query, int version)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var frames = await FrameClient.ConnectAsync(app.Address, "/socket/websocket" + query);
        using var client = new WireClient(frames, version);

        Assert.Equal(101, frames.Status);
        await client.AssertSilentAsync();
    }

    [Theory]
    [InlineData("vsn=3.0.0")]
    [InlineData("vsn=2.1.0")]
    [InlineData("vsn=1.1.0")]
    [InlineData("vsn=0.9.0")]
    [InlineData("vsn=2.0")]
    [InlineData("vsn=2")]
    [InlineData("vsn=2.0.x")]
    [InlineData("vsn=2.0.01")]
    [InlineData("vsn=2.0.0-rc1")]
    [InlineData("vsn=2.0.0.0")]
    [InlineData("vsn=abc")]
    [InlineData("vsn=")]
    [InlineData("vsn[]=2.0.0")]
    [InlineData("vsn=123.1.1")]
    public async Task Another_version_is_refused_with_403(string query)
    {
        await using var app = await PhoenixApp.StartAsync();

        using var frames = await FrameClient.ConnectAsync(app.Address, "/socket/websocket?" + query);

        Assert.Equal(403, frames.Status);
    }

    [Fact]
    public async Task The_answer_to_the_handshake_is_that_of_RFC_6455()
    {
        await using var app = await PhoenixApp.StartAsync();

        using var frames = await FrameClient.ConnectAsync(
            app.Address, "/socket/websocket/?vsn=2.0.0", "GET",
            ("Connection", "keep-alive, Upgrade"), ("Sec-WebSocket-Protocol", "phoenix, chat"),
            ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"));

        Assert.Equal(101, frames.Status);
        Assert.Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", frames.ResponseHead, StringComparison.Ordinal);
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
    public async Task A_bad_upgrade_request_is_answered_with_400_and_a_text(string name, string? value)
    {
        await using var app = await PhoenixApp.StartAsync();

        using var frames = await FrameClient.ConnectAsync(
            app.Address, "/socket/websocket?vsn=2.0.0", "GET", (name, value));

        Assert.Equal(400, frames.Status);
    }

    [Theory]
    [InlineData("POST", "/socket/websocket", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/socket/websocket?vsn=2.0.0", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/socket", HttpStatusCode.NotFound)]
    [InlineData("GET", "/socket/other", HttpStatusCode.NotFound)]
    public async Task A_plain_request_is_answered_like_one(string method, string path, HttpStatusCode status)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var http = new HttpClient { BaseAddress = app.Address };

        using var response = await http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        Assert.Equal(status, response.StatusCode);
    }
}
