using System.Net;
using System.Net.Sockets;
using System.Text;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.History;

/// <summary>The link does what it is there for: else a history under its faults proves nothing.</summary>
[Experiment("History")]
public sealed class FaultyLinkTests : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Socket _client = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly FaultyLink _link;

    public FaultyLinkTests()
    {
        _listener.Start();
        _link = new FaultyLink(new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}"));
    }

    [Fact]
    public async Task It_passes_on_what_comes_and_its_end_in_both_directions()
    {
        using var server = await ConnectAsync();

        await SendAsync(_client, "to the server");
        Assert.Equal("to the server", await ReadAsync(server, 13));
        await SendAsync(server, "to the client");
        Assert.Equal("to the client", await ReadAsync(_client, 13));
        _client.Shutdown(SocketShutdown.Send);
        Assert.Equal("", await ReadAsync(server, 1));
        server.Shutdown(SocketShutdown.Send);
        Assert.Equal("", await ReadAsync(_client, 1));
    }

    [Fact]
    public async Task Held_in_one_direction_it_passes_on_in_the_other_and_loses_nothing()
    {
        using var server = await ConnectAsync();
        _link.Up.Hold();

        await SendAsync(_client, "held");
        var held = ReadAsync(server, 4);
        await SendAsync(server, "passed");
        Assert.Equal("passed", await ReadAsync(_client, 6));
        Assert.False(held.IsCompleted);
        _link.Heal();

        Assert.Equal("held", await held);
    }

    [Fact]
    public async Task A_reset_is_one_on_both_sides()
    {
        using var server = await ConnectAsync();

        _link.Reset();

        await Assert.ThrowsAsync<SocketException>(() => ReadAsync(_client, 1));
        await Assert.ThrowsAsync<SocketException>(() => ReadAsync(server, 1));
    }

    [Fact]
    public async Task A_slow_one_passes_on_everything_in_pieces()
    {
        using var server = await ConnectAsync();
        var text = new string('a', 50) + new string('b', 50);
        _link.Up.Slow(piece: 3, pause: 300);

        await SendAsync(_client, text);
        var buffer = new byte[text.Length];
        var first = await server.ReceiveAsync(buffer, TestContext.Current.CancellationToken);

        Assert.InRange(first, 1, text.Length - 1); // all of it would take ten seconds
        _link.Heal();
        Assert.Equal(text[first..], await ReadAsync(server, text.Length - first));
    }

    [Fact]
    public async Task Where_nobody_listens_the_client_is_cut_off()
    {
        _listener.Stop();

        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            await _client.ConnectAsync(_link.Address.Host, _link.Address.Port);
            await ReadAsync(_client, 1);
        });
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _link.DisposeAsync();
        _listener.Dispose();
    }

    private async Task<Socket> ConnectAsync()
    {
        await _client.ConnectAsync(_link.Address.Host, _link.Address.Port);
        return await _listener.AcceptSocketAsync();
    }

    private static Task<int> SendAsync(Socket from, string text) => from.SendAsync(Encoding.UTF8.GetBytes(text));

    // So many bytes, or fewer at the end.
    private static async Task<string> ReadAsync(Socket to, int count)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var buffer = new byte[count];
        var read = 0;
        while (read < count && await to.ReceiveAsync(buffer.AsMemory(read), patience.Token) is var more and > 0)
        {
            read += more;
        }

        return Encoding.UTF8.GetString(buffer, 0, read);
    }
}
