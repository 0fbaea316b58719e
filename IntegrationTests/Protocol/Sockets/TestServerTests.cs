using System.Net.WebSockets;
using System.Text;
using Kaffediem.IntegrationTests.Support;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Protocol.Sockets;

/// <summary>
/// ASP.NET Core's TestServer, which applications use for their own tests: it upgrades no request and speaks RFC 6455
/// itself. Sockets work there as they do on Kestrel.
/// </summary>
public sealed class TestServerTests
{
    [Theory]
    [EachWire]
    public async Task Clients_join_push_receive_broadcasts_and_leave(Wire wire)
    {
        await using var app = await StartAsync();
        using var first = await ConnectAsync(app, wire);
        using var second = await ConnectAsync(app, wire);
        Assert.Equal("ok", (await first.JoinAsync("room:a")).Status);
        Assert.Equal("ok", (await second.JoinAsync("room:a")).Status);

        await first.SendAsync("\"1\"", "\"2\"", "room:a", "shout_from", """{"text":"ø☕"}""");
        Assert.Equal("ok", (await first.ReceiveAsync()).Status);
        var heard = await second.ReceiveAsync();
        await first.SendAsync("\"1\"", "\"3\"", "room:a", "phx_leave");

        Assert.Equal(("shout", "ø☕"), (heard.Event, (string?)heard.Payload?["text"]));
        Assert.Equal("ok", (await first.ReceiveAsync()).Status);
        Assert.Equal("phx_close", (await first.ReceiveAsync()).Event);
        Assert.Equal("terminated room:a: Left", app.State.NextEvent());
    }

    [Theory]
    [InlineData(100)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(4096)]
    [InlineData(60_000)]
    public async Task Messages_of_any_length_pass_in_both_directions(int length)
    {
        await using var app = await StartAsync();
        using var client = await ConnectAsync(app, Wire.V2WebSocket);
        await client.JoinAsync("room:a");
        var text = new string('x', length);

        await client.SendAsync("\"1\"", "\"2\"", "room:a", "echo", $$"""{"text":"{{text}}"}""");

        Assert.Equal(text, (string?)(await client.ReceiveAsync()).Response?["text"]);
    }

    [Fact]
    public async Task Fragmented_message_is_assembled()
    {
        await using var app = await StartAsync();
        using var transport = await ConnectAsync(app);
        using var client = new WireClient(transport, 2);

        foreach (var part in new[] { "[null,\"1\",", "\"pho", "enix\",\"heartbeat\",{}" })
        {
            await transport.SendAsync(Encoding.UTF8.GetBytes(part), WebSocketMessageType.Text, endOfMessage: false);
        }

        await transport.SendAsync("]"u8.ToArray(), WebSocketMessageType.Text);

        Assert.Equal("ok", (await client.ReceiveAsync()).Status);
    }

    // push = 0 | lengths of join_ref, ref, topic, event | these four | payload; reply = 1, with the status as event
    [Fact]
    public async Task Binary_payloads_pass_in_both_directions()
    {
        await using var app = await StartAsync();
        using var transport = await ConnectAsync(app);
        using var client = new WireClient(transport, 2);
        await client.JoinAsync("room:a");

        await transport.SendAsync([0, 1, 1, 6, 4, .. "12room:aecho"u8, 0, 255], WebSocketMessageType.Binary);

        var (type, bytes) = await transport.ReadAsync();
        Assert.Equal(WebSocketMessageType.Binary, type);
        Assert.Equal([1, 1, 1, 6, 2, .. "12room:aok"u8, 0, 255], bytes);
    }

    [Theory]
    [InlineData("malformed message", 1011)]
    [InlineData("message too long", 1009)]
    [InlineData("text that is not UTF-8", 1007)]
    [InlineData("disconnect", 1001)]
    [InlineData("shutdown", 1012)]
    [InlineData("silence", 1002)]
    public async Task Connection_closes_with_the_same_codes(string cause, int code)
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var app = await StartAsync(time: time);
        using var transport = await ConnectAsync(app, "vsn=2.0.0&id=user:1");
        using var client = new WireClient(transport, 2);
        await client.JoinAsync("room:a");

        var ending = cause switch
        {
            "malformed message" => client.SendTextAsync("{}"),
            "message too long" => client.SendTextAsync(new string('x', 70_000)),
            "text that is not UTF-8" => transport.SendAsync([0xFF], WebSocketMessageType.Text),
            "disconnect" => Task.Run(() => app.Endpoint.Disconnect("user:1")),
            "silence" => Task.Run(() => time.Advance(TimeSpan.FromSeconds(61))),
            _ => app.StopAsync(),
        };

        await transport.AssertEndAsync(code);
        await ending;
        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Channels_end_when_their_client_leaves(bool isPolite)
    {
        await using var app = await StartAsync();
        using var meter = new MeterReader(app);
        using var socket = await Client(app).ConnectAsync(Address("vsn=2.0.0"), CancellationToken.None);
        using var client = new WireClient(new WebSocketTransport(socket), 2);
        await client.JoinAsync("room:a");

        if (isPolite)
        {
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None);
            Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
        }
        else
        {
            socket.Abort();
        }

        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
        await meter.ReachAsync("phoenix.connections transport=websocket vsn=2.0.0", 0);
    }

    [Fact]
    public async Task Auth_token_arrives_and_only_phoenix_is_echoed()
    {
        await using var app = await StartAsync();
        var connecting = Client(app);
        connecting.SubProtocols.Add("phoenix");
        connecting.SubProtocols.Add("base64url.bearer.phx.c2VjcmV0");

        using var socket = await connecting.ConnectAsync(Address("vsn=2.0.0"), CancellationToken.None);

        Assert.Equal("phoenix", socket.SubProtocol);
        Assert.Equal("secret", Assert.Single(app.State.Connects).Info.AuthToken);
    }

    [Theory]
    [InlineData("vsn=9.0.0", 403)]
    [InlineData("vsn=2.0.0&deny=429", 429)]
    public async Task Refusal_has_its_status(string query, int status)
    {
        await using var app = await StartAsync();

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => ConnectAsync(app, query));

        Assert.EndsWith($"status code: {status}", refusal.Message, StringComparison.Ordinal);
    }

    private static Task<PhoenixApp> StartAsync(TimeProvider? time = null) =>
        PhoenixApp.StartAsync(time: time, configureBuilder: builder => builder.WebHost.UseTestServer());

    private static TestServer Server(PhoenixApp app) =>
        (TestServer)app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>();

    private static WebSocketClient Client(PhoenixApp app) => Server(app).CreateWebSocketClient();

    private static Uri Address(string query) => new($"ws://localhost/socket/websocket?{query}");

    private static async Task<WebSocketTransport> ConnectAsync(PhoenixApp app, string query = "vsn=2.0.0") =>
        new(await Client(app).ConnectAsync(Address(query), CancellationToken.None));

    private static async Task<WireClient> ConnectAsync(PhoenixApp app, Wire wire)
    {
        var query = $"vsn={wire.Version}.0.0";
        if (!wire.IsLongPoll)
        {
            return new WireClient(await ConnectAsync(app, query), wire.Version);
        }

        var polls = new LongPollClient(new Uri("http://localhost"), query, Server(app).CreateHandler());
        Assert.Equal(410, (await polls.PollAsync()).Status);
        return new WireClient(new LongPollTransport(polls, wire.Version), wire.Version);
    }
}

/// <summary>Uses .NET's own WebSocket, as clients of ASP.NET Core's TestServer do.</summary>
internal sealed class WebSocketTransport(WebSocket socket) : IClientTransport
{
    private readonly byte[] _buffer = new byte[1024 * 1024];

    public async Task SendTextAsync(params IReadOnlyList<string> texts)
    {
        foreach (var text in texts)
        {
            await SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);
        }
    }

    public Task SendAsync(byte[] bytes, WebSocketMessageType type, bool endOfMessage = true) =>
        socket.SendAsync(bytes, type, endOfMessage, CancellationToken.None);

    public async Task<string> ReadTextAsync()
    {
        var (type, bytes) = await ReadAsync();
        Assert.Equal(WebSocketMessageType.Text, type);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Reads one whole message.</summary>
    public async Task<(WebSocketMessageType Type, byte[] Bytes)> ReadAsync()
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        var length = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(_buffer.AsMemory(length), patience.Token);
            length += part.Count;
        }
        while (!part.EndOfMessage);
        return (part.MessageType, _buffer[..length]);
    }

    public async Task AssertEndAsync(int closeCode)
    {
        while ((await ReadAsync()).Type != WebSocketMessageType.Close)
        {
        }

        Assert.Equal(closeCode, (int?)socket.CloseStatus);
    }

    public void Dispose() => socket.Dispose();
}
