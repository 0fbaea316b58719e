using System.Text;
using System.Text.Json;

namespace Kaffediem.IntegrationTests.Support.Clients;

/// <summary>A <see cref="FrameClient"/> that joins topics, and reads replies in V2.</summary>
internal static class JoinedClient
{
    public const string JoinOrders = """["1","1","collection:order","phx_join",{}]""";

    /// <summary>Connects and joins; every join is answered with ok.</summary>
    /// <param name="server">The server.</param>
    /// <param name="joins">The messages (default: <see cref="JoinOrders"/>).</param>
    public static async Task<FrameClient> JoinedAsync(Uri server, params IReadOnlyList<string> joins)
    {
        IReadOnlyList<string> sent = joins.Count == 0 ? [JoinOrders] : joins;
        var client = await FrameClient.ConnectAsync(server);
        client.Patience = Patience.ForTimeouts;
        Assert.Equal(101, client.Status);
        await client.SendTextAsync(sent);
        Assert.All(await client.ReadRepliesAsync(sent.Count), reply => Assert.Equal("ok", reply.Status));
        return client;
    }

    /// <summary>Joins, sends bytes, and expects a close frame.</summary>
    public static async Task AssertClosedAsync(Uri server, byte[] sent, int code)
    {
        using var client = await JoinedAsync(server);
        await client.SendRawAsync(sent);
        await client.AssertEndAsync(code);
    }

    /// <summary>Reads replies and drops other messages.</summary>
    /// <returns>The ref, and the status or the reason of an error.</returns>
    public static async Task<List<(string? Ref, string Status)>> ReadRepliesAsync(this FrameClient client, int count)
    {
        List<(string?, string)> replies = [];
        while (replies.Count < count)
        {
            var message = JsonElement.Parse(await client.ReadTextAsync());
            if (message[3].GetString() == "phx_reply")
            {
                var (status, response) =
                    (message[4].GetProperty("status").GetString()!, message[4].GetProperty("response"));
                replies.Add((
                    message[1].GetString(),
                    status == "error" && response.TryGetProperty("reason", out var reason)
                        ? reason.ToString()
                        : status));
            }
        }

        return replies;
    }

    /// <summary>Reads to the close frame.</summary>
    /// <returns>
    /// Its code, or <c>null</c> if it was cut off; and whether an error with a reason came before it.
    /// </returns>
    public static async Task<(int? Code, bool WasReported)> ReadLastAsync(this FrameClient client, string reason = "")
    {
        var wasReported = false;
        try
        {
            while (await client.ReadFrameAsync() is { } frame)
            {
                if (frame.Opcode == Framing.Close)
                {
                    return ((frame.Payload[0] << 8) | frame.Payload[1], wasReported);
                }

                wasReported |= frame.Payload.AsSpan().IndexOf(Encoding.UTF8.GetBytes($"\"reason\":\"{reason}\"")) >= 0;
            }
        }
        catch (IOException)
        {
            // Cut off in the middle of a frame.
        }

        return (null, wasReported);
    }
}
