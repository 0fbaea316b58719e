using Kaffediem.IntegrationTests.Support;
using static Kaffediem.IntegrationTests.Support.FrameClient;
using static Kaffediem.IntegrationTests.Support.Framing;

namespace Kaffediem.IntegrationTests.Protocol.WebSockets;

/// <summary>
/// RFC 6455 §7.4.1 (1009 and 1008) and §10.4: a message has 64 KB at most, in one frame or in many. A longer one is
/// refused when its length is announced, not when it has arrived (docs/protocol.md, "Close codes").
/// </summary>
public sealed class Rfc6455LimitTests
{
    private const int Max = 65_536;

    public static TheoryData<byte[]> TooLong { get; } =
    [
        Row("one byte too many, announced", Header(Text, Max + 1)),
        Row("the same, binary", Header(Binary, Max + 1)),
        Row("2^62 bytes, announced", Header(Text, 1UL << 62)),
        Row("2^63 - 1 bytes, announced", Header(Text, long.MaxValue)),
        Row("a continuation, announced", [.. FirstFragment(Utf8("[")), .. Header(Continuation, Max)]),
        Row("the same, 2^63 - 1 bytes", [.. FirstFragment(Utf8("[")), .. Header(Continuation, long.MaxValue)]),
        Row(
            "an empty first fragment, then too many bytes, announced",
            [.. FirstFragment([]), .. Header(Continuation, Max + 1, isFinal: false)]),
    ];

    [Theory]
    [MemberData(nameof(TooLong))]
    public Task Announced_message_that_is_too_long_closes_with_1009(byte[] sent) => ClosesAsync(sent, 1009);

    [Theory]
    [InlineData(1)] // one byte over, in one frame
    [InlineData(2)]
    [InlineData(17)]
    [InlineData(1000)]
    public Task Message_that_is_too_long_closes_with_1009(int fragments) =>
        ClosesAsync(Cut(EchoOfLength(Max + 1), fragments), 1009);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(17)]
    [InlineData(1000)]
    public Task Message_that_just_fits_is_accepted(int fragments) =>
        AnswersAsync(Cut(EchoOfLength(Max), fragments), EchoReplyOfLength(Max));

    [Fact]
    public Task Limit_is_per_message_and_pings_between_fragments_do_not_count()
    {
        var message = EchoOfLength(Max);
        return AnswersAsync(
            [
                .. FirstFragment(message[..9]), .. Frame(Ping, new byte[125]), .. Frame(Continuation, message[9..]),
                .. FirstFragment(message[..^9]), .. Frame(Pong, new byte[125]), .. Frame(Continuation, message[^9..]),
            ],
            [.. FromServer(Pong, new byte[125]), .. EchoReplyOfLength(Max), .. EchoReplyOfLength(Max)]);
    }

    [Fact]
    public async Task Message_that_is_too_long_is_refused_as_soon_as_its_length_is_known()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("room:a");

        foreach (var value in Header(Text, 1UL << 40)[..10]) // without even its mask
        {
            await client.Frames.SendRawAsync([value]);
        }

        Assert.Equal(CloseFromServer(1009), await client.Frames.ReadToEndAsync());
    }

    [Fact]
    public Task Earlier_message_in_the_same_segment_is_answered() => ClosesAsync(
        [.. Frame(Text, Heartbeat("x")), .. Frame(Ping, [1]), .. Header(Text, 1UL << 62)],
        1009,
        [.. HeartbeatReply("x"), .. FromServer(Pong, [1])]);

    // Empty fragments that are not the last one serve only a flood (docs/protocol.md, "Close codes", as in Bandit).
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 10_000)]
    [InlineData(0, 1)]
    public Task Empty_continuations_close_with_1008(int firstLength, int count)
    {
        var flood = Enumerable.Repeat(Frame(Continuation, [], isFinal: false), count).SelectMany(frame => frame);
        return ClosesAsync([.. FirstFragment(Utf8("[")[..firstLength]), .. flood], 1008);
    }

    private static byte[] Cut(byte[] message, int fragments) =>
        InFragments([.. message.Chunk((message.Length + fragments - 1) / fragments)]);
}
