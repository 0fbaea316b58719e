using System.Globalization;
using System.Text;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Hostile;

/// <summary>One of many who read the orders, at next to no cost, so that what is measured is the server.</summary>
internal sealed class CrowdReader : IDisposable
{
    private readonly FrameClient _client;
    private readonly ChangeClock? _clock;
    private readonly int _version;
    private readonly List<long> _seqs = [];

    private CrowdReader(FrameClient client, ChangeClock? clock, int version)
    {
        (_client, _clock, _version) = (client, clock, version);
        Reading = Task.CompletedTask;
    }

    /// <summary>Ends with the connection.</summary>
    public Task Reading { get; private set; }

    /// <summary>The changes that it was told of, in the order they came.</summary>
    public IReadOnlyList<long> Seqs => _seqs;

    /// <param name="server">Where the server is.</param>
    /// <param name="version">The protocol's.</param>
    /// <param name="clock">Whom to tell of each change; <c>null</c>: nobody asks when it comes.</param>
    /// <param name="collections">What it reads.</param>
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

    /// <summary>Says that it is there, as phoenix.js does.</summary>
    public Task BeatAsync() => SendAsync("phoenix", "heartbeat");

    public void Dispose() => _client.Dispose();

    private Task SendAsync(string topic, string @event) => _client.SendTextAsync(_version == 2
        ? $$"""["1","1","{{topic}}","{{@event}}",{}]"""
        : $$"""{"topic":"{{topic}}","event":"{{@event}}","payload":{},"ref":"1"}""");

    private async Task ReadAsync()
    {
        while (await _client.ReadFrameAsync() is { Opcode: Framing.Text } frame)
        {
            if (SeqOf(frame.Payload) is { } seq)
            {
                _seqs.Add(seq);
                _clock?.Arrive();
            }
        }
    }

    // A change ends with its seq; a heartbeat's reply has none.
    private static long? SeqOf(ReadOnlySpan<byte> frame)
    {
        var at = frame.LastIndexOf("\"seq\":"u8);
        return at < 0
            ? null
            : long.Parse(Encoding.ASCII.GetString(frame[(at + 6)..]).TrimEnd(']', '}'), CultureInfo.InvariantCulture);
    }
}
