using System.Text;
using System.Text.Json;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Hostile;

/// <summary>What hostile clients do with WebSockets, and how they are answered.</summary>
internal static class HostileSocket
{
    public const string JoinOrders = """["1","1","collection:order","phx_join",{}]""";

    /// <summary>Connects, and joins as everybody does.</summary>
    public static async Task<FrameClient> JoinedAsync(Uri server, string join = JoinOrders)
    {
        var client = await FrameClient.ConnectAsync(server);
        client.Patience = Patience.ForTimeouts;
        Assert.Equal(101, client.Status);
        await client.SendTextAsync(join);
        Assert.Equal(("1", "ok"), Assert.Single(await client.ReadRepliesAsync(1)));
        return client;
    }

    /// <summary>Sends bytes of whatever kind, and expects to be thrown out.</summary>
    public static async Task AssertClosedAsync(Uri server, byte[] sent, int code)
    {
        using var client = await JoinedAsync(server);
        await client.SendRawAsync(sent);
        await client.AssertEndAsync(code);
    }

    /// <summary>Reads replies, whatever else comes between them.</summary>
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
    public static async Task<(int? Code, bool WasTold)> ReadLastAsync(this FrameClient client, string reason = "")
    {
        var wasTold = false;
        try
        {
            while (await client.ReadFrameAsync() is { } frame)
            {
                if (frame.Opcode == Framing.Close)
                {
                    return ((frame.Payload[0] << 8) | frame.Payload[1], wasTold);
                }

                wasTold |= frame.Payload.AsSpan().IndexOf(Encoding.UTF8.GetBytes($"\"reason\":\"{reason}\"")) >= 0;
            }
        }
        catch (IOException)
        {
            // Cut off in the middle of a frame.
        }

        return (null, wasTold);
    }
}
