using System.Net.WebSockets;
using System.Text;

namespace Kaffediem.IntegrationTests.Support.Clients;

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
