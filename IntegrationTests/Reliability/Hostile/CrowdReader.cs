using System.Globalization;
using System.Text;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Hostile;

/// <summary>
/// One of many readers of the orders, as cheap as possible, so that a measurement shows the server's cost.
/// </summary>
internal sealed class CrowdReader(FrameClient client, ChangeClock? clock, int version) : IDisposable
{
    private readonly List<long> _seqs = [];

    /// <summary>Completes when the connection ends.</summary>
    public Task Reading { get; private set; } = Task.CompletedTask;

    /// <summary>The seqs of the received changes, in order of arrival.</summary>
    public IReadOnlyList<long> Seqs => _seqs;

    /// <param name="server">The server.</param>
    /// <param name="version">The protocol version.</param>
    /// <param name="clock">Notified of each change; <c>null</c> if nobody measures.</param>
    /// <param name="collections">The collections to join.</param>
    public static async Task<CrowdReader> JoinAsync(
        Uri server, int version, ChangeClock? clock, params IReadOnlyList<string> collections)
    {
        var client = await FrameClient.ConnectAsync(server, $"/socket/websocket?vsn={version}.0.0");
        client.Patience = Patience.ForTimeouts;
        var reader = new CrowdReader(client, clock, version);
        foreach (var collection in collections)
        {
            await reader.SendAsync($"collection:{collection}", "phx_join");
            Assert.Contains("\"ok\"", await client.ReadTextAsync(), StringComparison.Ordinal);
        }

        reader.Reading = reader.ReadAsync();
        return reader;
    }

    /// <summary>Sends a heartbeat, like phoenix.js.</summary>
    public Task BeatAsync() => SendAsync("phoenix", "heartbeat");

    public void Dispose() => client.Dispose();

    private Task SendAsync(string topic, string @event) => client.SendTextAsync(version == 2
        ? $$"""["1","1","{{topic}}","{{@event}}",{}]"""
        : $$"""{"topic":"{{topic}}","event":"{{@event}}","payload":{},"ref":"1"}""");

    private async Task ReadAsync()
    {
        while (await client.ReadFrameAsync() is { Opcode: Framing.Text } frame)
        {
            if (SeqOf(frame.Payload) is { } seq)
            {
                _seqs.Add(seq);
                clock?.Arrive();
            }
        }
    }

    // A change ends with its seq; the reply to a heartbeat has none.
    private static long? SeqOf(ReadOnlySpan<byte> frame)
    {
        var at = frame.LastIndexOf("\"seq\":"u8);
        return at < 0
            ? null
            : long.Parse(Encoding.ASCII.GetString(frame[(at + 6)..]).TrimEnd(']', '}'), CultureInfo.InvariantCulture);
    }
}
