using System.Net.Sockets;
using System.Text;
using Kaffediem.IntegrationTests.Reliability;
using Kaffediem.IntegrationTests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Kaffediem.IntegrationTests.Hosting;

/// <summary>
/// A stop does not wait for incomplete requests, for which the host would wait two minutes here.
/// </summary>
public sealed class StopTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("GET /health HTT")]
    [InlineData("GET /health HTTP/1.1\r\n")]
    [InlineData("POST /api/collections/order/records HTTP/1.1\r\nHost: localhost\r\nContent-Le")]
    public async Task Incomplete_head_does_not_delay_the_stop(string half)
    {
        await using var server = Start();
        using var client = await ConnectAsync(server);
        // The answer to the first request proves that the server has read the half head sent with it.
        await SendAsync(client, "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n" + half);
        await ReadSomeAsync(client);

        await server.StopAsync().WaitAsync(Patience);

        await ReadToEndAsync(client);
    }

    [Fact]
    public async Task Silent_connection_does_not_delay_the_stop()
    {
        await using var server = Start();
        using var silent = await ConnectAsync(server);
        using var idle = await ConnectAsync(server);
        await SendAsync(idle, "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await ReadSomeAsync(idle);

        await server.StopAsync().WaitAsync(Patience);
    }

    [Theory]
    [InlineData("POST /api/collections/order/records", "application/json")]
    [InlineData("POST /api/session", "application/json")]
    [InlineData("PATCH /api/collections/item/records/1", "multipart/form-data; boundary=x")]
    [InlineData("POST /api/collections/message/records", "application/x-www-form-urlencoded")]
    public async Task Incomplete_body_does_not_delay_the_stop(string requestLine, string type)
    {
        await using var server = Start();
        using var client = await RawRequest.SendAsync(
            server.BaseAddress, requestLine, $"Content-Type: {type}", "Expect: 100-continue", "Content-Length: 100000",
            "", "{");
        await client.HasAnswerAsync(); // 100 Continue: the server waits for the body

        await server.StopAsync().WaitAsync(Patience);
    }

    [Fact]
    public async Task Incomplete_long_poll_message_does_not_delay_the_stop()
    {
        await using var server = Start();
        using var session = await LongPollClient.OpenAsync(server.BaseAddress);
        using var client = await RawRequest.SendAsync(
            server.BaseAddress,
            $"POST /socket/longpoll?vsn=2.0.0&token={Uri.EscapeDataString(session.Token!)}",
            "Expect: 100-continue",
            "Content-Length: 100000",
            "",
            "[");
        await client.HasAnswerAsync();

        await server.StopAsync().WaitAsync(Patience);
    }

    [Fact]
    public async Task Stop_is_logged_even_if_no_client_was_connected()
    {
        using var folder = new ShopFolder();
        using var server = await ServerProcess.StartAsync(folder.Database);

        Assert.Equal(0, await server.StopAsync());

        Assert.EndsWith(
            "Kaffediem has stopped.", server.Output.Last(line => line.Length > 0), StringComparison.Ordinal);
    }

    private static KaffediemServer Start() => KaffediemServer.Start(new ServerSetup
    {
        ConfigureServices = services =>
            services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMinutes(2)),
    });

    private static async Task<TcpClient> ConnectAsync(KaffediemServer server)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(server.BaseAddress.Host, server.BaseAddress.Port);
        return client;
    }

    private static async Task SendAsync(TcpClient client, string text) =>
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));

    private static async Task ReadSomeAsync(TcpClient client) =>
        Assert.NotEqual(0, await client.GetStream().ReadAsync(new byte[4096]).AsTask().WaitAsync(Patience));

    private static async Task ReadToEndAsync(TcpClient client)
    {
        var buffer = new byte[4096];
        try
        {
            while (await client.GetStream().ReadAsync(buffer).AsTask().WaitAsync(Patience) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A reset ends the connection, too.
        }
    }
}
