using Kaffediem.IntegrationTests.Support;
using static Kaffediem.IntegrationTests.Support.FrameClient;
using static Kaffediem.IntegrationTests.Support.Framing;

namespace Kaffediem.IntegrationTests.Protocol.WebSockets;

/// <summary>RFC 6455 §5.1 to §5.3: masks, lengths, reserved bits and opcodes.</summary>
public sealed class Rfc6455HeaderTests
{
    private static readonly int[] Opcodes = [Continuation, Text, Binary, Close, Ping, Pong];

    /// <summary>§5.3: any mask is valid. The last three are random.</summary>
    public static TheoryData<byte[]> Masks { get; } = [.. MakeMasks()];

    /// <summary>§5.2: RSV1, RSV2, RSV3, all of them: no extension gives them a meaning.</summary>
    public static MatrixTheoryData<int, int> ReservedBits { get; } = new([4, 2, 1, 7], Opcodes);

    /// <summary>§5.2: opcodes 3 to 7 and B to F are reserved.</summary>
    public static MatrixTheoryData<int, int> ReservedOpcodes { get; } =
        new([0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF], [0, 5]);

    /// <summary>§5.1: a server must close when a frame is not masked. Two bytes can be a whole frame.</summary>
    public static MatrixTheoryData<int, int> Unmasked { get; } = new(Opcodes, [0, 2, 3, 100]);

    [Theory]
    [MemberData(nameof(Masks))]
    public Task Payload_is_unmasked(byte[] mask) =>
        AnswersAsync(Frame(Text, EchoOfLength(20_003), mask: mask), EchoReplyOfLength(20_003));

    [Fact] // §5.3: each frame has a mask of its own
    public Task Every_fragment_has_its_own_mask()
    {
        var message = EchoOfLength(100);
        return AnswersAsync(
            [
                .. Frame(Text, message[..33], isFinal: false, mask: [0xFF, 0, 0xAA, 0x55]),
                .. Frame(Continuation, message[33..66], isFinal: false, mask: [0, 0, 0, 0]),
                .. Frame(Continuation, message[66..], mask: [9, 8, 7, 6]),
            ],
            EchoReplyOfLength(100));
    }

    // §5.2: the fewest bytes must be used for a length. That binds the sender; like Bandit, the server accepts all.
    [Theory]
    [InlineData(125, 7)]
    [InlineData(125, 16)]
    [InlineData(125, 64)]
    [InlineData(126, 16)]
    [InlineData(126, 64)]
    [InlineData(127, 16)]
    [InlineData(127, 64)]
    [InlineData(65_535, 16)]
    [InlineData(65_535, 64)]
    [InlineData(65_536, 64)]
    [InlineData(65_537, 64)]
    [InlineData(1_000_000, 64)]
    public Task Message_of_any_length_is_accepted(int length, int lengthBits) => AnswersAsync(
        Frame(Text, EchoOfLength(length), lengthBits: lengthBits),
        EchoReplyOfLength(length),
        maxMessageBytes: 1_000_000);

    [Theory] // §5.2 allows a length of 0; an empty message is malformed (docs/protocol.md, "Events")
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(64)]
    public Task Message_of_length_0_closes_with_1011(int lengthBits) =>
        ClosesAsync(Frame(Text, [], lengthBits: lengthBits), 1011);

    [Theory] // §5.2: the most significant bit must be 0
    [InlineData(0x8000_0000_0000_0000)]
    [InlineData(0x8000_0000_0000_0005)]
    [InlineData(0xFFFF_FFFF_FFFF_FFFF)]
    public Task Length_with_its_top_bit_set_closes_with_1002(ulong length) => ClosesAsync(Header(Text, length), 1002);

    [Theory]
    [MemberData(nameof(ReservedBits))]
    public Task Reserved_bit_closes_with_1002(int reserved, int opcode) =>
        ClosesAsync([.. Before(opcode), .. Frame(opcode, [], reserved: reserved)], 1002);

    [Theory]
    [MemberData(nameof(ReservedOpcodes))]
    public Task Reserved_opcode_closes_with_1002(int opcode, int length) =>
        ClosesAsync(Frame(opcode, new byte[length]), 1002);

    [Theory]
    [MemberData(nameof(Unmasked))]
    public Task Unmasked_frame_closes_with_1002(int opcode, int length) =>
        ClosesAsync([.. Before(opcode), .. Frame(opcode, CloseOfLength(length), isMasked: false)], 1002);

    [Fact]
    public Task Unmasked_but_otherwise_valid_message_closes_with_1002() =>
        ClosesAsync(Frame(Text, Heartbeat("x"), isMasked: false), 1002);

    [Theory] // §5.2: no rule says how TCP splits a frame
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(64)]
    public async Task Frame_that_arrives_byte_by_byte_is_accepted(int lengthBits)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("room:a");

        foreach (var value in Frame(Text, Heartbeat("x"), lengthBits: lengthBits))
        {
            await client.Frames.SendRawAsync([value]);
        }

        var reply = HeartbeatReply("x");
        Assert.Equal(reply, await client.Frames.ReadBytesAsync(reply.Length));
        await client.AssertSilentAsync();
    }

    [Fact]
    public Task Frames_in_one_segment_are_answered_in_order() => AnswersAsync(
        [
            .. Frame(Text, Heartbeat("a")), .. Frame(Ping, [1]), .. Frame(Text, Heartbeat("b"), lengthBits: 64),
            .. Frame(Pong, [2]), .. Frame(Ping, [3]),
        ],
        [.. HeartbeatReply("a"), .. FromServer(Pong, [1]), .. HeartbeatReply("b"), .. FromServer(Pong, [3])]);

    [Fact]
    public Task Message_before_a_malformed_frame_in_one_segment_is_answered() => ClosesAsync(
        [.. Frame(Ping, [1]), .. Frame(Ping, [2]), .. Frame(0x3, []), .. Frame(Ping, [3])],
        1002,
        [.. FromServer(Pong, [1]), .. FromServer(Pong, [2])]);

    // A continuation needs a first fragment before it, so that only the tested fault is wrong.
    private static byte[] Before(int opcode) => opcode == Continuation ? FirstFragment(Utf8("[")) : [];

    // The payload is also valid for a close frame, so that only the missing mask is wrong.
    private static byte[] CloseOfLength(int length) =>
        [.. CodeBytes(1000).Concat(Utf8(new string('x', 98))).Take(length)];

    private static IEnumerable<byte[]> MakeMasks()
    {
        yield return [0, 0, 0, 0];
        yield return [0xFF, 0xFF, 0xFF, 0xFF];
        yield return [0x80, 0, 0, 1];
        var random = new Random(6455);
        for (var i = 0; i < 3; i++)
        {
            var mask = new byte[4];
            random.NextBytes(mask);
            yield return mask;
        }
    }
}
