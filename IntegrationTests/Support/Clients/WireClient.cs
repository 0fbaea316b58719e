using System.Text.Json.Nodes;

namespace Kaffediem.IntegrationTests.Support.Clients;

/// <summary>A message as received; V1 has no join_ref.</summary>
internal sealed record WireMessage(JsonNode? JoinRef, JsonNode? Ref, string? Topic, string? Event, JsonNode? Payload)
{
    public string? Status => (string?)Payload?["status"];

    public JsonNode? Response => Payload?["response"];

    public string? Reason => (string?)Response?["reason"];
}

/// <summary>
/// Speaks V1 or V2 over a WebSocket or long-poll, so that one test body serves all (docs/protocol.md, "Messages" and
/// "Long-poll").
/// </summary>
internal sealed class WireClient(IClientTransport transport, int version) : IDisposable
{
    /// <summary>The WebSocket's frames, for tests that need them.</summary>
    public FrameClient Frames => (FrameClient)transport;

    public static async Task<WireClient> ConnectAsync(Uri server, int version = 2, string path = "/socket")
    {
        var frames = await FrameClient.ConnectAsync(server, $"{path}/websocket?vsn={version}.0.0");
        Assert.Equal(101, frames.Status);
        return new WireClient(frames, version);
    }

    public static async Task<WireClient> PollAsync(Uri server, int version = 2, string path = "/socket") => new(
        new LongPollTransport(await LongPollClient.OpenAsync(server, $"vsn={version}.0.0", path), version), version);

    /// <summary>Sends texts that need not be messages.</summary>
    public Task SendTextAsync(params IReadOnlyList<string> texts) => transport.SendTextAsync(texts);

    /// <summary>The next message as it stands on the wire.</summary>
    public Task<string> ReadTextAsync() => transport.ReadTextAsync();

    /// <summary>Reads to the end, which must be the one that has this close code over WebSocket.</summary>
    public Task AssertEndAsync(int closeCode) => transport.AssertEndAsync(closeCode);

    /// <summary>Sends a message; refs are JSON text, null stands for JSON null.</summary>
    public Task SendAsync(string? joinRef, string? @ref, string topic, string @event, string payload = "{}")
    {
        joinRef ??= "null";
        @ref ??= "null";
        var (topicJson, eventJson) =
            (JsonValue.Create(topic)!.ToJsonString(), JsonValue.Create(@event)!.ToJsonString());
        return SendTextAsync(version == 2
            ? $"[{joinRef},{@ref},{topicJson},{eventJson},{payload}]"
            : $$"""{"topic":{{topicJson}},"event":{{eventJson}},"payload":{{payload}},"ref":{{@ref}},"join_ref":{{joinRef}}}""");
    }

    public async Task<WireMessage> ReceiveAsync()
    {
        var json = JsonNode.Parse(await ReadTextAsync())!;
        if (version == 1)
        {
            Assert.False(json.AsObject().ContainsKey("join_ref"), "V1 never sends a join_ref");
            return new WireMessage(null, json["ref"], (string?)json["topic"], (string?)json["event"], json["payload"]);
        }

        Assert.Equal(5, json.AsArray().Count);
        return new WireMessage(json[0], json[1], (string?)json[2], (string?)json[3], json[4]);
    }

    /// <summary>Joins with join_ref equal to ref, as phoenix.js does, and returns the reply.</summary>
    public async Task<WireMessage> JoinAsync(string topic, string joinRef = "\"1\"", string payload = "{}")
    {
        await SendAsync(joinRef, joinRef, topic, "phx_join", payload);
        return await ReceiveAsync();
    }

    /// <summary>Proves that the socket is open and that nothing else was sent before the heartbeat's reply.</summary>
    public async Task AssertSilentAsync()
    {
        var @ref = $"\"hb-{Guid.NewGuid()}\"";
        await SendAsync(null, @ref, "phoenix", "heartbeat");
        var reply = await ReceiveAsync();
        Assert.Equal(@ref, reply.Ref?.ToJsonString());
    }

    public void Dispose() => transport.Dispose();
}
