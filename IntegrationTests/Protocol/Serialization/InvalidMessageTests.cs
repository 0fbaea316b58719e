using System.Text;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol.Serialization;

/// <summary>
/// An invalid message closes the socket with 1011: docs/protocol.md, "Events"; reference transcript W146-W222.
/// </summary>
public sealed class InvalidMessageTests
{
    [Theory]
    [InlineData(Wire.V2WebSocket, "")] // a batch without lines is not a message
    [EachV2Wire(" ")]
    [EachV2Wire("hello")]
    [EachV2Wire("[")]
    [EachV2Wire("[]")]
    [EachV2Wire("{}")]
    [EachV2Wire("null")]
    [EachV2Wire("\"x\"")]
    [EachV2Wire("[null,\"1\",\"phoenix\",\"heartbeat\"]")]
    [EachV2Wire("[null,\"1\",\"phoenix\",\"heartbeat\",{}] x")]
    [EachV2Wire("\ufeff[null,\"1\",\"phoenix\",\"heartbeat\",{}]")]
    [EachV2Wire("[[null,\"1\",\"phoenix\",\"heartbeat\",{}]]")]
    [EachV2Wire("[null,\"1\",\"ph\\ud800\",\"heartbeat\",{}]")]
    [EachV2Wire("[null,\"1\",\"phoenix\",\"heartbeat\",{\"a\":\"\\ud800\"}]")]
    [EachV2Wire("[null,\"1\",\"phoenix\",\"heartbeat\",{\"\\udc00\":1}]")]
    [EachV2Wire("[null,\"1\",\"phoenix\",\"heartbeat\",{},")]
    [EachV2Wire("{\"topic\":\"phoenix\",\"event\":\"heartbeat\",\"payload\":{},\"ref\":\"1\"}")]
    public async Task Malformed_V2_frame_closes_with_1011(Wire wire, string text)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);
        using var honest = await app.ConnectAsync(wire);
        await client.JoinAsync("room:a");

        await client.SendTextAsync(text);

        await client.AssertEndAsync(1011);
        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
        await honest.AssertSilentAsync();
    }

    [Theory]
    [EachV1Wire("{")]
    [EachV1Wire("5")]
    [EachV1Wire("[null,\"1\",\"phoenix\",\"heartbeat\",{}]")]
    [EachV1Wire("{\"topic\":\"phoenix\",\"event\":\"heartbeat\",\"payload\":{}}")]
    [EachV1Wire("{\"topic\":\"phoenix\",\"event\":\"heartbeat\",\"ref\":\"1\"}")]
    [EachV1Wire("{\"event\":\"heartbeat\",\"payload\":{},\"ref\":\"1\"}")]
    [EachV1Wire("{\"topic\":\"phoenix\",\"payload\":{},\"ref\":\"1\"}")]
    [EachV1Wire("{\"topic\":\"phoenix\",\"event\":\"heartbeat\",\"payload\":{},\"ref\":\"1\"} x")]
    public async Task Malformed_V1_frame_closes_with_1011(Wire wire, string text)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);

        await client.SendTextAsync(text);

        await client.AssertEndAsync(1011);
    }

    [Theory]
    [EachV2Wire("""[null,"1","phoenix","heartbeat",{},1,[2]]""")]
    [EachV2Wire("""[ null , "1" , "phoenix" , "heartbeat" , { } ] """)]
    [InlineData(Wire.V2WebSocket, """ [null,"1","phoenix","heartbeat",{}]""")] // no "[" first: base64 in a batch
    [EachV2Wire("""[null,"1","ph\u006fenix","heartbeat",{}]""")]
    [EachV1Wire("""{"topic":"phoenix","event":"heartbeat","payload":null,"ref":"1","foo":[{}]}""")]
    public async Task Unusual_but_valid_messages_are_accepted(Wire wire, string text)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(wire);

        await client.SendTextAsync(text);

        Assert.Equal(
            ("ok", "\"1\""),
            await client.ReceiveAsync() is var reply ? (reply.Status, reply.Ref?.ToJsonString()) : default);
    }

    [Fact]
    public async Task V1_accepts_JSON_in_a_binary_frame()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(1);

        await client.Frames.SendFrameAsync(
            0x2, Encoding.UTF8.GetBytes("""{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"1"}"""));

        Assert.Equal("ok", (await client.ReceiveAsync()).Status); // W195
    }

    [Fact]
    public async Task V1_refuses_malformed_UTF_8_in_a_binary_frame()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(1);

        await client.Frames.SendFrameAsync(
            0x2,
            Encoding.Latin1.GetBytes(
                "{\"topic\":\"phoenix\",\"event\":\"heartbeat\",\"payload\":\"\u00ff\",\"ref\":\"1\"}"));

        await client.AssertEndAsync(1011);
    }
}
