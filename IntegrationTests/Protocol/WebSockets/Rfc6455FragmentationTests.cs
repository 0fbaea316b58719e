using Kaffediem.IntegrationTests.Support;
using static Kaffediem.IntegrationTests.Support.FrameClient;
using static Kaffediem.IntegrationTests.Support.Framing;

namespace Kaffediem.IntegrationTests.Protocol.WebSockets;

/// <summary>RFC 6455 §5.4: a message in fragments, with control frames between them.</summary>
public sealed class Rfc6455FragmentationTests
{
    private static readonly byte[] Message = Heartbeat("x");
    private static readonly byte[] Reply = HeartbeatReply("x");
    private static readonly byte[] First = FirstFragment(Message[..9]);
    private static readonly byte[] Last = Frame(Continuation, Message[9..]);

    public static TheoryData<byte[], byte[]> Understood { get; } =
    [
        Row("one frame", Frame(Text, Message), Reply),
        Row("two fragments", [.. First, .. Last], Reply),
        Row("a fragment for every byte", InFragments([.. Message.Chunk(1)]), Reply),
        Row("an empty first fragment (W242)", InFragments([], Message), Reply),
        Row("an empty last fragment (W242)", InFragments(Message, []), Reply),
        Row("an empty first and an empty last fragment (W242)", InFragments([], Message, []), Reply),
        Row(
            "a ping between (W241)",
            [.. First, .. Frame(Ping, [7, 8]), .. Last],
            [.. FromServer(Pong, [7, 8]), .. Reply]),
        Row("a pong between", [.. First, .. Frame(Pong, [7]), .. Last], Reply),
        Row(
            "a ping after an empty first fragment",
            [.. FirstFragment([]), .. Frame(Ping, []), .. Frame(Continuation, Message)],
            [.. FromServer(Pong, []), .. Reply]),
        Row(
            "two messages, one after the other, then one in a single frame",
            [.. First, .. Last, .. First, .. Last, .. Frame(Text, Message)],
            [.. Reply, .. Reply, .. Reply]),
    ];

    public static TheoryData<byte[]> Refused { get; } =
    [
        Row("a last continuation without a first fragment (W244)", Last),
        Row("a continuation without a first fragment", Frame(Continuation, Message, isFinal: false)),
        Row("an empty continuation without a first fragment", Frame(Continuation, [])),
        Row("a text inside a fragmented text (W243)", [.. First, .. Frame(Text, Message)]),
        Row("an empty text inside a fragmented text", [.. First, .. Frame(Text, [])]),
        Row("a fragmented text inside a fragmented text", [.. First, .. First]),
        Row("a binary inside a fragmented text", [.. First, .. Frame(Binary, Message)]),
        Row("a text inside a fragmented binary", [.. Frame(Binary, Message, isFinal: false), .. Frame(Text, Message)]),
        Row("a text inside an empty fragment", [.. FirstFragment([]), .. Frame(Text, Message)]),
    ];

    [Theory]
    [MemberData(nameof(Understood))]
    public Task Fragments_make_one_message(byte[] sent, byte[] answered) => AnswersAsync(sent, answered);

    [Theory]
    [MemberData(nameof(Refused))]
    public Task Misplaced_fragment_closes_with_1002(byte[] sent) => ClosesAsync(sent, 1002);

    [Fact]
    public Task Continuation_after_the_last_one_closes_with_1002() =>
        ClosesAsync([.. First, .. Last, .. Last], 1002, Reply);

    [Fact]
    public Task Continuation_after_a_whole_message_and_a_ping_closes_with_1002() => ClosesAsync(
        [.. Frame(Text, Message), .. Frame(Ping, []), .. Last], 1002, [.. Reply, .. FromServer(Pong, [])]);

    [Fact] // §5.4: control frames may come in the middle of a message; §5.5.2: a pong is sent as soon as is practical
    public async Task Ping_between_fragments_is_answered_before_the_message_is_complete()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("room:a");

        for (var i = 0; i < Message.Length; i++)
        {
            var isLast = i == Message.Length - 1;
            await client.Frames.SendFrameAsync(i == 0 ? Text : Continuation, [Message[i]], isLast);
            await client.Frames.SendFrameAsync(Ping, [(byte)i]);
            byte[] answered = isLast ? [.. Reply, .. FromServer(Pong, [(byte)i])] : FromServer(Pong, [(byte)i]);
            Assert.Equal(answered, await client.Frames.ReadBytesAsync(answered.Length));
        }

        await client.AssertSilentAsync();
    }

    [Fact] // §5.4: the type of a fragment is that of the first. V1 accepts JSON in a binary message.
    public async Task Binary_fragments_make_one_message()
    {
        var message = Utf8("""{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"1"}""");
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync(1);

        await client.Frames.SendRawAsync(
        [
            .. Frame(Binary, [], isFinal: false), .. Frame(Continuation, message[..5], isFinal: false),
            .. Frame(Ping, [1]), .. Frame(Continuation, message[5..]),
        ]);

        Assert.Equal(FromServer(Pong, [1]), await client.Frames.ReadBytesAsync(3));
        Assert.Equal("ok", (await client.ReceiveAsync()).Status);
    }
}
