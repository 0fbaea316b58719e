using System.Text;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Protocol.WebSockets;

/// <summary><see cref="PhoenixEndpoint.FlushAsync"/>: its guarantee for a source that paces itself.</summary>
public sealed class FlushTests
{
    private const int Clients = 100; // serving them takes the flush thread far longer than a request for a flush
    private const int Rounds = 50; // 50 kB for each client: the kernel buffers them however late they are read

    [Fact]
    public async Task Every_outbox_is_empty_after_a_flush()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var meter = new MeterReader(app);
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => app.ConnectAsync()));
        await Task.WhenAll(clients.Select(client => client.JoinAsync("room:a")));

        for (var round = 0; round < Rounds; round++)
        {
            app.Endpoint.Broadcast("room:a", "news", Text(1000));
            await app.Endpoint.FlushAsync(CancellationToken.None);
            Assert.Equal(0, meter.Observe("phoenix.outbox.bytes"));
        }

        Array.ForEach(clients, client => client.Dispose());
    }

    private static Payload Text(int length) =>
        Payload.FromJson(Encoding.UTF8.GetBytes($$"""{"text":"{{new string('x', length)}}"}"""));
}
