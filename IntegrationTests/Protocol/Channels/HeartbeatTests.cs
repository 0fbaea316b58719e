using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol.Channels;

/// <summary>
/// Topic phoenix, event heartbeat, matched before all others: docs/protocol.md, "Events"; reference transcript W90-W98.
/// </summary>
public sealed class HeartbeatTests
{
    [Theory]
    [EachV2Wire("null", "\"1\"", "{}")]
    [EachV2Wire("\"5\"", "\"1\"", "{}")]
    [EachV2Wire("null", "7", "null")]
    [EachV2Wire("null", "null", "\"x\"")]
    public async Task Heartbeat_is_answered_with_its_ref_and_a_null_join_ref(
        Wire wire, string joinRef, string @ref, string payload)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);

        await client.SendAsync(joinRef, @ref, "phoenix", "heartbeat", payload);

        Assert.Equal(
            $"[null,{@ref}," + """ "phoenix","phx_reply",{"status":"ok","response":{}}]""".TrimStart(),
            await client.ReadTextAsync());
    }

    [Theory]
    [EachV1Wire]
    public async Task V1_heartbeat_is_answered_with_an_object(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);

        await client.SendAsync(null, "\"1\"", "phoenix", "heartbeat");
        var reply = await client.ReceiveAsync();

        Assert.Equal(
            ("phoenix", "phx_reply", "ok", "\"1\""),
            (reply.Topic, reply.Event, reply.Status, reply.Ref?.ToJsonString()));
    }

    [Theory]
    [EachV2Wire]
    public async Task Pipelined_heartbeats_are_all_answered_in_order(Wire wire)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);

        await client.SendTextAsync(
            [.. Enumerable.Range(0, 500).Select(i => $$"""[null,{{i}},"phoenix","heartbeat",{}]""")]);

        for (var i = 0; i < 500; i++)
        {
            Assert.Equal(i, (int)(await client.ReceiveAsync()).Ref!);
        }
    }
}
