using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol.WebSockets;

/// <summary>
/// <c>Sec-WebSocket-Protocol</c>: docs/protocol.md, "Auth token"; phoenix@167c469 transport_test.exs
/// (check_subprotocols) and websocket_socket_test.exs, "refuses unallowed Websocket subprotocols".
/// </summary>
public sealed class SubprotocolTests
{
    // "does not check subprotocols if not passed expected". phoenix is always supported: a browser that has offered it
    // needs to see it echoed, with a token or without.
    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("sip", null)]
    [InlineData("Phoenix", null)]
    [InlineData("phoenix", "phoenix")]
    [InlineData("phoenix, chat", "phoenix")]
    [InlineData("chat,phoenix", "phoenix")]
    [InlineData("chat\r\nSec-WebSocket-Protocol: phoenix", "phoenix")]
    public async Task Socket_without_own_subprotocols_accepts_any_and_echoes_only_phoenix(
        string? offered, string? echoed)
    {
        await using var app = await PhoenixApp.StartAsync();

        using var attempt = await OfferAsync(app, offered);

        Assert.Equal(101, attempt.Status);
        AssertEchoed(attempt, echoed);
    }

    // "returns first matched subprotocol": the first of the server's own list, which begins with phoenix.
    [Theory]
    [InlineData(null, null)]
    [InlineData("sip", "sip")]
    [InlineData("mqtt", "mqtt")]
    [InlineData("sip, mqtt", "sip")]
    [InlineData("mqtt, sip", "sip")]
    [InlineData("chat, mqtt", "mqtt")]
    [InlineData("sip, phoenix", "phoenix")]
    public async Task First_matching_subprotocol_of_the_socket_is_echoed(string? offered, string? echoed)
    {
        await using var app = await StartAsync();

        using var attempt = await OfferAsync(app, offered);

        Assert.Equal(101, attempt.Status);
        AssertEchoed(attempt, echoed);
    }

    // "halt if expected and passed subprotocols don't match"
    [Theory]
    [InlineData("chat")]
    [InlineData("")]
    [InlineData("SIP")]
    [InlineData("sip mqtt")]
    public async Task Client_without_any_of_the_sockets_subprotocols_is_refused(string offered)
    {
        await using var app = await StartAsync();

        using var attempt = await OfferAsync(app, offered);

        Assert.Equal(403, attempt.Status);
        AssertEchoed(attempt, null);
        Assert.Empty(app.State.Connects);
    }

    [Fact]
    public async Task Long_poll_has_no_subprotocols()
    {
        await using var app = await StartAsync();

        using var attempt = await ConnectAttempt.MakeAsync(
            app, "longpoll", "vsn=2.0.0", "/socket", ("Sec-WebSocket-Protocol", "chat"));

        Assert.True(attempt.IsLetIn);
    }

    private static Task<PhoenixApp> StartAsync() => PhoenixApp.StartAsync(configureSocket: options =>
    {
        options.Subprotocols.Add("sip");
        options.Subprotocols.Add("mqtt");
    });

    private static Task<ConnectAttempt> OfferAsync(PhoenixApp app, string? offered) => ConnectAttempt.MakeAsync(
        app, "websocket", "vsn=2.0.0", "/socket", ("Sec-WebSocket-Protocol", offered));

    private static void AssertEchoed(ConnectAttempt attempt, string? echoed)
    {
        var lines = attempt.Frames.ResponseHead.Split("\r\n")
            .Where(line => line.StartsWith("Sec-WebSocket-Protocol:", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(echoed is null ? [] : [$"Sec-WebSocket-Protocol: {echoed}"], lines);
    }
}
