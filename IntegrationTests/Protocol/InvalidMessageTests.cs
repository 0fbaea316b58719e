using System.Text;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol;

/// <summary>What is no message closes the socket with 1011: spec/protocol.md section 3; W146-W222.</summary>
public sealed class InvalidMessageTests
{
    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("hello")]
    [InlineData("[")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("\"x\"")]
    [InlineData("[null,\"1\",\"phoenix\",\"heartbeat\"]")]
    [InlineData("[null,\"1\",\"phoenix\",\"heartbeat\",{}] x")]
    [InlineData("\ufeff[null,\"1\",\"phoenix\",\"heartbeat\",{}]")]
    [InlineData("[[null,\"1\",\"phoenix\",\"heartbeat\",{}]]")]
    [InlineData("[null,\"1\",\"ph\\ud800\",\"heartbeat\",{}]")]
    [InlineData("[null,\"1\",\"phoenix\",\"heartbeat\",{\"a\":\"\\ud800\"}]")]
    [InlineData("[null,\"1\",\"phoenix\",\"heartbeat\",{\"\\udc00\":1}]")]
    [InlineData("[null,\"1\",\"phoenix\",\"heartbeat\",{},")]
    [InlineData("{\"topic\":\"phoenix\",\"event\":\"heartbeat\",\"payload\":{},\"ref\":\"1\"}")]
    public async Task A_v2_frame_that_is_no_message_closes_with_1011(string text)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        using var honest = await app.ConnectAsync();
        await client.JoinAsync("room:a");

        await client.Frames.SendTextAsync(text);

        Assert.Equal(1011, await client.Frames.ReadCloseCodeAsync());
        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
        await honest.AssertSilentAsync();
    }

    [Theory]
    [InlineData("{")]
    [InlineData("5")]
    [InlineData("[null,\"1\",\"phoenix\",\"heartbeat\",{}]")]
    [InlineData("{\"topic\":\"phoenix\",\"event\":\"heartbeat\",\"payload\":{}}")]
    [InlineData("{\"topic\":\"phoenix\",\"event\":\"heartbeat\",\"ref\":\"1\"}")]
    [InlineData("{\"event\":\"heartbeat\",\"payload\":{},\"ref\":\"1\"}")]
    [InlineData("{\"topic\":\"phoenix\",\"payload\":{},\"ref\":\"1\"}")]
    [InlineData("{\"topic\":\"phoenix\",\"event\":\"heartbeat\",\"payload\":{},\"ref\":\"1\"} x")]
    public async Task A_v1_frame_that_is_no_message_closes_with_1011(string text)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(1);

        await client.Frames.SendTextAsync(text);

        Assert.Equal(1011, await client.Frames.ReadCloseCodeAsync());
    }

    [Theory]
    [InlineData(2, """[null,"1","phoenix","heartbeat",{},1,[2]]""")]
    [InlineData(2, """ [ null , "1" , "phoenix" , "heartbeat" , { } ] """)]
    [InlineData(2, """[null,"1","ph\u006fenix","heartbeat",{}]""")]
    [InlineData(1, """{"topic":"phoenix","event":"heartbeat","payload":null,"ref":"1","foo":[{}]}""")]
    public async Task Unusual_but_valid_messages_are_understood(int version, string text)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(version);

        await client.Frames.SendTextAsync(text);

        Assert.Equal(("ok", "\"1\""), await client.ReceiveAsync() is var reply ? (reply.Status, reply.Ref?.ToJsonString()) : default);
    }

    [Fact]
    public async Task V1_takes_json_in_a_binary_frame()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(1);

        await client.Frames.SendFrameAsync(
            0x2, Encoding.UTF8.GetBytes("""{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"1"}"""));

        Assert.Equal("ok", (await client.ReceiveAsync()).Status); // W195
    }

    [Fact]
    public async Task V1_takes_no_broken_utf_8_in_a_binary_frame()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(1);

        await client.Frames.SendFrameAsync(
            0x2, Encoding.Latin1.GetBytes("{\"topic\":\"phoenix\",\"event\":\"heartbeat\",\"payload\":\"\u00ff\",\"ref\":\"1\"}"));

        Assert.Equal(1011, await client.Frames.ReadCloseCodeAsync());
    }
}
