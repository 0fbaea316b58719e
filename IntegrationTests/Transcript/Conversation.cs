using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Transcript;

/// <summary>A connection, and the topics that the client has joined on it.</summary>
internal sealed partial class Conversation(FrameClient client, bool isV1)
{
    private const string Alive = "alive";

    private const string Settled = "settled";

    private readonly Queue<string> _settled = [];
    private bool _isSettled;

    // Topic → the join_ref of its channel.
    private readonly Dictionary<string, JsonNode?> _joined = [];

    public Task SendAsync(string sent)
    {
        _isSettled = false;
        return client.SendRawAsync(ClientFrames.Bytes(sent));
    }

    /// <summary>
    /// Reads pending broadcasts, for <see cref="ReadAsync"/> to return. Once an observer has received a broadcast it is
    /// queued for every client, before the reply to a heartbeat.
    /// </summary>
    public async Task SettleAsync()
    {
        await SendAsync("text   " + Frame(null, Settled, "phoenix", "heartbeat"));
        while (await ReadAsync() is { } frame && !frame.Contains(Settled, StringComparison.Ordinal))
        {
            _settled.Enqueue(frame);
        }

        _isSettled = true;
    }

    /// <summary>The next frame as the transcript writes it; <c>null</c> if there is none.</summary>
    public async Task<string?> ReadAsync()
    {
        if (_isSettled)
        {
            return _settled.TryDequeue(out var known) ? known : null;
        }

        if (await client.ReadFrameAsync() is not { } frame)
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(frame.Payload);
        switch (frame.Opcode)
        {
            case 1:
                Note(JsonNode.Parse(text)!);
                return $"text   {text}";
            case 8:
                var code = frame.Payload.Length < 2 ? 1005 : BinaryPrimitives.ReadUInt16BigEndian(frame.Payload);
                // Completes the closing handshake, unless the client began it.
                await client.SendFrameAsync(8, frame.Payload);
                return $"close {code} reason=\"\"";
            case 10:
                return $"pong {frame.Payload.Length} bytes hex={Convert.ToHexStringLower(frame.Payload)}";
            default:
                return $"opcode {frame.Opcode}: {text}";
        }
    }

    /// <summary>
    /// Checks that the connection is open and nothing is left to read, by a last leave of each channel and a heartbeat.
    /// </summary>
    public async Task<string?> EndAsync()
    {
        if (_settled.TryDequeue(out var more))
        {
            return $"nothing more is now {more}";
        }

        foreach (var (topic, joinRef) in _joined.ToList())
        {
            await SendAsync("text   " + Frame(joinRef, Alive, topic, "phx_leave"));
            while (_joined.ContainsKey(topic))
            {
                var frame = await ReadAsync();
                if (frame is null || !LeavePattern.IsMatch(frame))
                {
                    return $"nothing more is now {frame ?? "the end"}";
                }
            }
        }

        await SendAsync("text   " + Frame(null, Alive, "phoenix", "heartbeat"));
        var last = await ReadAsync();
        return last is not null && LeavePattern.IsMatch(last) ? null : $"nothing more is now {last ?? "the end"}";
    }

    private string Frame(JsonNode? joinRef, string @ref, string topic, string @event)
    {
        JsonNode frame = isV1
            ? new JsonObject { ["topic"] = topic, ["event"] = @event, ["payload"] = new JsonObject(), ["ref"] = @ref }
            : new JsonArray(joinRef?.DeepClone(), @ref, topic, @event, new JsonObject());
        return frame.ToJsonString(Json.Relaxed);
    }

    private void Note(JsonNode frame)
    {
        var (joinRef, topic, @event, payload) = frame is JsonArray array
            ? (array[0], $"{array[2]}", $"{array[3]}", array[4]!)
            : (null, $"{frame["topic"]}", $"{frame["event"]}", frame["payload"]!);
        // Only the reply to a join has items.
        if (@event == "phx_reply" && payload["response"]?["items"] is not null)
        {
            _joined[topic] = joinRef;
        }
        else if (@event == "phx_close"
            && (joinRef is null || JsonNode.DeepEquals(joinRef, _joined.GetValueOrDefault(topic))))
        {
            _joined.Remove(topic);
        }
    }

    [GeneratedRegex("alive|phx_close")]
    private static partial Regex LeavePattern { get; }
}
