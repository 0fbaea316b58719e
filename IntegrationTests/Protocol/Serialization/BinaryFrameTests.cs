using System.Text;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Protocol.Serialization;

/// <summary>
/// Binary frames of V2: docs/protocol.md, "Binary", with its byte vectors (phoenix@167c469
/// <c>v2_json_serializer_test.exs</c> 130-239); reference transcript W183-W195.
/// </summary>
public sealed class BinaryFrameTests
{
    private const string ClientPushVector = "00 02 03 05 05 3132 313233 746F706963 6576656E74 656667";
    private const string ServerPushVector = "00 02 05 05 3132 746F706963 6576656E74 656667";
    private const string ReplyVector = "01 02 03 05 02 3132 313233 746F706963 6F6B 656667";
    private const string BroadcastVector = "02 05 05 746F706963 6576656E74 656667";

    [Fact]
    public async Task Four_layouts_are_those_of_the_specification()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("topic", "\"12\"");

        await client.Frames.SendFrameAsync(0x2, Bytes(ClientPushVector));

        foreach (var expected in new[] { ServerPushVector, BroadcastVector, ReplyVector })
        {
            Assert.Equal(Convert.ToHexString(Bytes(expected)), Convert.ToHexString(await ReadBinaryAsync(client)));
        }
    }

    [Theory]
    [InlineData("0001010e023132636f6c6c656374696f6e3a666f6f757064617461", "\"2\"")] // W184
    [InlineData("0000000e02636f6c6c656374696f6e3a666f6f757064617461", "\"\"")] // W185
    public async Task Binary_push_to_a_topic_that_is_not_joined_is_unmatched(string frame, string @ref)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();

        await client.Frames.SendFrameAsync(0x2, Bytes(frame));

        const string Error = """{"status":"error","response":{"reason":"unmatched topic"}}""";
        Assert.Equal($"""[null,{@ref},"collection:foo","phx_reply",{Error}]""", await client.Frames.ReadTextAsync());
    }

    [Fact]
    public async Task Binary_heartbeat_is_answered_with_text() // W186
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();

        await client.Frames.SendFrameAsync(0x2, Bytes("00000107093170686f656e6978686561727462656174"));

        Assert.Equal(
            """[null,"1","phoenix","phx_reply",{"status":"ok","response":{}}]""", await client.Frames.ReadTextAsync());
    }

    [Fact]
    public async Task Binary_join_crashes_a_channel_that_expects_JSON() // W187
    {
        await using var app = await PhoenixApp.StartAsync();
        app.Logs.Expect("A channel of topic \"binary:a\" crashed in \"phx_join\"");
        using var client = await app.ConnectAsync();

        await client.Frames.SendFrameAsync(0x2, ClientPush("1", "1", "binary:a", "phx_join", [0x78]));

        Assert.Equal(
            """["1","1","binary:a","phx_reply",{"status":"error","response":{"reason":"join crashed"}}]""",
            await client.Frames.ReadTextAsync());
        await client.AssertSilentAsync();
    }

    [Fact]
    public async Task Binary_leave_ends_the_channel() // W188
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("binary:a");

        await client.Frames.SendFrameAsync(0x2, ClientPush("1", "2", "binary:a", "phx_leave", []));

        Assert.Equal(
            """["1","2","binary:a","phx_reply",{"status":"ok","response":{}}]""", await client.Frames.ReadTextAsync());
        Assert.Equal("""["1","1","binary:a","phx_close",{}]""", await client.Frames.ReadTextAsync());
    }

    [Theory]
    [InlineData("0101010e023132636f6c6c656374696f6e3a666f6f757064617461")] // W189: kind 1
    [InlineData("0700000000")] // W190: kind 7
    [InlineData("0005")] // W191: truncated
    [InlineData("00ffffffff61")] // W192: lengths past the end
    [InlineData("")] // W193: empty
    [InlineData("5b6e756c6c2c2231222c2270686f656e6978222c22686561727462656174222c7b7d5d")] // W194: JSON text
    [InlineData("02 05 05 746F706963 6576656E74 656667")] // a server's broadcast
    [InlineData("0000000101 61")] // one byte short
    [InlineData("0000000200 C3 28")] // a topic that is not UTF-8
    [InlineData("0000000002 ED A0")] // an event that is not UTF-8
    [InlineData("0000000101 C3 A6")] // a character cut in two by the lengths
    [InlineData("0001000101 FF 61 61")] // a join_ref that is not UTF-8
    [InlineData("0000010101 FF 61 61")] // a ref that is not UTF-8
    public async Task Binary_frame_that_is_not_a_push_closes_with_1011(string frame)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();

        await client.Frames.SendFrameAsync(0x2, Bytes(frame));

        Assert.Equal(1011, await client.Frames.ReadCloseCodeAsync());
    }

    // Phoenix 1.8.12: only null is allowed instead of the join_ref of the join; "" is not null (socket.ex).
    [Fact]
    public async Task Empty_join_ref_is_stale_for_a_joined_topic()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("binary:a");

        await client.Frames.SendFrameAsync(0x2, ClientPush("", "2", "binary:a", "event", []));

        await client.AssertSilentAsync();
    }

    [Fact]
    public async Task Lengths_count_bytes_of_utf_8()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        var topic = "binary:" + string.Concat(Enumerable.Repeat("æ☕", 49)) + "abc"; // 255 bytes
        await client.JoinAsync(topic, "\"ø\"");

        await client.Frames.SendFrameAsync(0x2, ClientPush("ø", "å", topic, "event", [1]));

        var topicBytes = Encoding.UTF8.GetBytes(topic);
        Assert.Equal([0, 2, 255, 5, .. "ø"u8, .. topicBytes, .. "event"u8, 1], await ReadBinaryAsync(client));
        Assert.Equal([2, 255, 5, .. topicBytes, .. "event"u8, 1], await ReadBinaryAsync(client));
        Assert.Equal([1, 2, 2, 255, 2, .. "øå"u8, .. topicBytes, .. "ok"u8, 1], await ReadBinaryAsync(client));
    }

    // Phoenix encodes a ref with to_string: the digits of a number, an empty string for nil.
    [Theory]
    [InlineData("7", "8", "7", "8")]
    [InlineData("null", "null", "1", "")]
    [InlineData("\"a\\u00e6\\\\\"", "\"\\u0031\"", "aæ\\", "1")]
    public async Task Refs_of_JSON_messages_are_sent_as_their_text(
        string joinRef, string @ref, string joinText, string refText)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("topic", joinRef == "null" ? "\"1\"" : joinRef);

        await client.SendAsync(joinRef, @ref, "topic", "reply");

        var (joinBytes, refBytes) = (Encoding.UTF8.GetBytes(joinText), Encoding.UTF8.GetBytes(refText));
        Assert.Equal(
            [1, (byte)joinBytes.Length, (byte)refBytes.Length, 5, 2, .. joinBytes, .. refBytes, .. "topicokefg"u8],
            await ReadBinaryAsync(client));
    }

    [Fact]
    public async Task Join_may_be_answered_with_bytes_which_come_before_early_pushes()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();

        await client.SendAsync("\"12\"", "\"123\"", "topic", "phx_join", """{"reply":true,"push":true}""");

        Assert.Equal(Bytes(ReplyVector), await ReadBinaryAsync(client));
        Assert.Equal([0, 2, 5, 5, .. "12topicearlyefg"u8], await ReadBinaryAsync(client));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(125)]
    [InlineData(4_096)]
    [InlineData(70_000)]
    [InlineData(3_000_000)]
    public async Task Payloads_of_every_length_arrive_whole(int length)
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxMessageBytes = 4_000_000);
        using var client = await app.ConnectAsync();
        using var other = await app.ConnectAsync();
        await client.JoinAsync("topic");
        await other.JoinAsync("topic");
        var data = new byte[length];
        new Random(length).NextBytes(data);

        app.Endpoint.Broadcast("topic", "news", Payload.FromBinary(data));

        Assert.Equal([2, 5, 4, .. "topicnews"u8, .. data], await ReadBinaryAsync(client));
        Assert.Equal([2, 5, 4, .. "topicnews"u8, .. data], await ReadBinaryAsync(other));
        await client.Frames.SendFrameAsync(0x2, ClientPush("1", "2", "topic", "length", data));
        Assert.Equal(length, (int?)(await client.ReceiveAsync()).Response?["length"]);
    }

    [Fact]
    public async Task JSON_payload_has_no_bytes_and_a_binary_one_has_no_JSON()
    {
        Assert.Throws<InvalidOperationException>(() => Payload.Empty.Binary);
        var binary = Payload.FromBinary("{}"u8.ToArray());
        Assert.Throws<InvalidOperationException>(() => binary.Json);
        Assert.Throws<InvalidOperationException>(() => binary.ToElement());
        Assert.False(binary.IsObject);

        await using var app = await PhoenixApp.StartAsync();
        app.Logs.Expect("crashed in \"length\"");
        using var client = await app.ConnectAsync();
        await client.JoinAsync("topic");
        await client.SendAsync("\"1\"", "\"2\"", "topic", "length");
        Assert.Equal("phx_error", (await client.ReceiveAsync()).Event);
    }

    private static async Task<byte[]> ReadBinaryAsync(WireClient client)
    {
        var (opcode, payload) = (await client.Frames.ReadFrameAsync())!.Value;
        Assert.True(opcode == 2, Encoding.UTF8.GetString(payload));
        return payload;
    }

    // 00 | joinRefLen refLen topicLen eventLen | joinRef ref topic event | data
    private static byte[] ClientPush(string joinRef, string @ref, string topic, string @event, byte[] data)
    {
        byte[][] texts = [.. new[] { joinRef, @ref, topic, @event }.Select(Encoding.UTF8.GetBytes)];
        return [0, .. texts.Select(text => (byte)text.Length), .. texts.SelectMany(text => text), .. data];
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
