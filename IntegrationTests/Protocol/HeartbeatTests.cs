using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol;

/// <summary>Topic phoenix, event heartbeat, matched before all else: spec/protocol.md section 3; W90-W98.</summary>
public sealed class HeartbeatTests
{
    [Theory]
    [InlineData("null", "\"1\"", "{}")]
    [InlineData("\"5\"", "\"1\"", "{}")]
    [InlineData("null", "7", "null")]
    [InlineData("null", "null", "\"x\"")]
    public async Task A_heartbeat_is_answered_with_its_ref_and_a_null_join_ref(string joinRef, string @ref, string payload)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();

        await client.SendAsync(joinRef, @ref, "phoenix", "heartbeat", payload);

        Assert.Equal(
            $"[null,{@ref}," + """ "phoenix","phx_reply",{"status":"ok","response":{}}]""".TrimStart(),
            await client.Frames.ReadTextAsync());
    }

    [Fact]
    public async Task A_v1_heartbeat_is_answered_in_an_object()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(1);

        await client.SendAsync(null, "\"1\"", "phoenix", "heartbeat");
        var reply = await client.ReceiveAsync();

        Assert.Equal(("phoenix", "phx_reply", "ok", "\"1\""), (reply.Topic, reply.Event, reply.Status, reply.Ref?.ToJsonString()));
    }

    [Fact]
    public async Task Pipelined_heartbeats_are_all_answered_in_order()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        var frames = Enumerable.Range(0, 500).SelectMany(i => FrameClient.Frame(
            0x1, System.Text.Encoding.UTF8.GetBytes($$"""[null,{{i}},"phoenix","heartbeat",{}]""")));

        await client.Frames.SendRawAsync([.. frames]);

        for (var i = 0; i < 500; i++)
        {
            Assert.Equal(i, (int)(await client.ReceiveAsync()).Ref!);
        }
    }
}
