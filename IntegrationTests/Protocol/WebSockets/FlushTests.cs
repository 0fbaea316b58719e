using System.Text;
using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Protocol.WebSockets;

/// <summary><see cref="PhoenixEndpoint.FlushAsync"/>: what a source that paces itself may rely on.</summary>
public sealed class FlushTests
{
    private const int Clients = 100; // the flush thread takes far longer to serve them than to be asked
    private const int Rounds = 50; // 50 kB for each client: the kernel accepts them however late they are read

    [Fact]
    public async Task After_a_flush_nothing_waits_in_any_outbox()
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
