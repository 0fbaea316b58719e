using static Kaffediem.IntegrationTests.Support.FrameClient;
using static Kaffediem.IntegrationTests.Support.Framing;

namespace Kaffediem.IntegrationTests.Protocol.WebSockets;

/// <summary>RFC 6455 §5.5, §5.5.2 and §5.5.3: ping and pong.</summary>
public sealed class Rfc6455ControlFrameTests
{
    /// <summary>§5.5: 125 bytes at most, and never in fragments.</summary>
    public static TheoryData<byte[]> Refused { get; } =
    [
        Row("a ping of 126 bytes (W249)", Frame(Ping, new byte[126])),
        Row("a ping of 65,536 bytes", Frame(Ping, new byte[65_536])),
        Row("a ping of 2^62 bytes, announced", Header(Ping, 1UL << 62)),
        Row("a pong of 126 bytes", Frame(Pong, new byte[126])),
        Row("a pong of 65,536 bytes, announced", Header(Pong, 65_536)),
        Row("a fragmented ping (W250)", Frame(Ping, [1], isFinal: false)),
        Row("a fragmented empty ping", Frame(Ping, [], isFinal: false)),
        Row("a fragmented pong", Frame(Pong, [1], isFinal: false)),
        Row("a fragmented ping and its rest", [.. Frame(Ping, [1], isFinal: false), .. Frame(Continuation, [2])]),
        Row(
            "a ping of 126 bytes between fragments",
            [.. Frame(Text, Utf8("["), isFinal: false), .. Frame(Ping, new byte[126])]),
    ];

    [Theory] // §5.5.3: a pong carries the data of its ping
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(124)]
    [InlineData(125)]
    public Task Ping_is_answered_with_its_own_data(int length)
    {
        var data = Bytes(length);
        return AnswersAsync(Frame(Ping, data), FromServer(Pong, data));
    }

    [Theory] // §5.2: the fewest bytes must be used for a length; that binds the sender
    [InlineData(16)]
    [InlineData(64)]
    public Task Ping_with_a_longer_length_field_than_needed_is_answered(int lengthBits) =>
        AnswersAsync(Frame(Ping, Bytes(5), lengthBits: lengthBits), FromServer(Pong, Bytes(5)));

    [Fact]
    public Task Pings_in_one_segment_are_all_answered_in_order()
    {
        var lengths = Enumerable.Range(0, 126).ToList();
        return AnswersAsync(
            [.. lengths.SelectMany(length => Frame(Ping, Bytes(length)))],
            [.. lengths.SelectMany(length => FromServer(Pong, Bytes(length)))]);
    }

    [Theory] // §5.5.3: a response to an unsolicited pong is not expected
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    public Task Unsolicited_pong_is_ignored(int length) => AnswersAsync(Frame(Pong, Bytes(length)), []);

    [Theory]
    [MemberData(nameof(Refused))]
    public Task Long_or_fragmented_control_frame_closes_with_1002(byte[] sent) => ClosesAsync(sent, 1002);

    private static byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(255 - i))];
}
