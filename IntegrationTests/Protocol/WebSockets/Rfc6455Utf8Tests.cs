using static Kaffediem.IntegrationTests.Support.FrameClient;
using static Kaffediem.IntegrationTests.Support.Framing;

namespace Kaffediem.IntegrationTests.Protocol.WebSockets;

/// <summary>RFC 6455 §5.6 and §8.1: a text message is UTF-8, however it is split; otherwise 1007 (§7.4.1).</summary>
public sealed class Rfc6455Utf8Tests
{
    private static readonly byte[] Head = Echo("")[..^3];
    private static readonly byte[] Tail = Echo("")[^3..];

    /// <summary>RFC 3629 §3: sequences that decoders must refuse.</summary>
    public static TheoryData<byte[]> Broken { get; } =
    [
        Row("a continuation byte alone", 0x80),
        Row("the last continuation byte alone", 0xBF),
        Row("two bytes, one missing", 0xC3),
        Row("three bytes, one missing", 0xE2, 0x82),
        Row("three bytes, two missing", 0xE2),
        Row("four bytes, one missing", 0xF0, 0x9F, 0x98),
        Row("four bytes, two missing", 0xF0, 0x9F),
        Row("four bytes, three missing", 0xF0),
        Row("two bytes, the second wrong", 0xC3, 0x28),
        Row("three bytes, the second wrong", 0xE2, 0x28, 0xA1),
        Row("three bytes, the third wrong", 0xE2, 0x82, 0x28),
        Row("four bytes, the second wrong", 0xF0, 0x28, 0x8C, 0xBC),
        Row("four bytes, the third wrong", 0xF0, 0x90, 0x28, 0xBC),
        Row("four bytes, the fourth wrong", 0xF0, 0x90, 0x8C, 0x28),
        Row("U+0000, overlong", 0xC0, 0x80),
        Row("U+007F, overlong", 0xC1, 0xBF),
        Row("U+0000, overlong", 0xE0, 0x80, 0x80),
        Row("U+07FF, overlong", 0xE0, 0x9F, 0xBF),
        Row("U+0000, overlong", 0xF0, 0x80, 0x80, 0x80),
        Row("U+FFFF, overlong", 0xF0, 0x8F, 0xBF, 0xBF),
        Row("five bytes", 0xF8, 0x80, 0x80, 0x80, 0xAF),
        Row("six bytes", 0xFC, 0x80, 0x80, 0x80, 0x80, 0xAF),
        Row("U+D800, a surrogate", 0xED, 0xA0, 0x80),
        Row("U+DFFF, a surrogate", 0xED, 0xBF, 0xBF),
        Row("a pair of surrogates", 0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80),
        Row("U+110000, above Unicode", 0xF4, 0x90, 0x80, 0x80),
        Row("above Unicode", 0xF5, 0x80, 0x80, 0x80),
        Row("U+1FFFFF, above Unicode", 0xF7, 0xBF, 0xBF, 0xBF),
        Row("a byte that UTF-8 never has", 0xFE),
        Row("a byte that UTF-8 never has", 0xFF),
    ];

    [Theory] // the edges of every length and of the surrogates; noncharacters are valid
    [InlineData("\u007f")]
    [InlineData("\u0080")]
    [InlineData("\u07ff")]
    [InlineData("\u0800")]
    [InlineData("\ud7ff")]
    [InlineData("\ue000")]
    [InlineData("\ufffe\uffff")]
    [InlineData("\U00010000")]
    [InlineData("\U0010ffff")]
    [InlineData("æøå €uro 😀 κόσμε")]
    public async Task Character_is_accepted_wherever_it_is_split(string text)
    {
        var bytes = Utf8(text);
        for (var i = 0; i <= bytes.Length; i++)
        {
            await AnswersAsync(InFragments([.. Head, .. bytes[..i]], [.. bytes[i..], .. Tail]), EchoReply(text));
        }
    }

    [Theory]
    [InlineData("é")]
    [InlineData("€")]
    [InlineData("😀")]
    [InlineData("æøå €uro 😀 κόσμε")]
    public Task Character_is_accepted_with_every_byte_in_a_fragment_and_pings_between(string text)
    {
        var parts = Utf8(text).SelectMany(
            value => Frame(Continuation, [value], isFinal: false).Concat(Frame(Ping, [])));
        return AnswersAsync(
            [.. FirstFragment(Head), .. parts, .. Frame(Continuation, Tail)],
            [.. Utf8(text).SelectMany(_ => FromServer(Pong, [])), .. EchoReply(text)]);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task Bytes_that_are_not_UTF_8_close_with_1007_wherever_they_are_split(byte[] bytes)
    {
        await ClosesAsync(Frame(Text, [.. Head, .. bytes, .. Tail]), 1007);
        for (var i = 0; i <= bytes.Length; i++)
        {
            await ClosesAsync(InFragments([.. Head, .. bytes[..i]], [.. bytes[i..], .. Tail]), 1007);
        }
    }

    [Theory] // the message ends within a character
    [InlineData("C3")]
    [InlineData("E2")]
    [InlineData("E282")]
    [InlineData("F0")]
    [InlineData("F09F")]
    [InlineData("F09F98")]
    public async Task Message_that_ends_within_a_character_closes_with_1007(string hex)
    {
        byte[] message = [.. Head, .. Convert.FromHexString(hex)];

        await ClosesAsync(Frame(Text, message), 1007);
        await ClosesAsync(InFragments(message[..^1], message[^1..]), 1007);
        await ClosesAsync(InFragments(message, []), 1007);
        await ClosesAsync(
            [.. FirstFragment(message), .. Frame(Ping, []), .. Frame(Continuation, [])], 1007, FromServer(Pong, []));
    }

    [Fact]
    public Task Bytes_that_are_not_UTF_8_are_refused_before_the_message_is_complete() =>
        ClosesAsync(FirstFragment([.. Head, 0xFF]), 1007);

    [Fact]
    public Task Message_before_the_malformed_one_is_answered_whole() => ClosesAsync(
        [.. Frame(Text, Heartbeat("€")), .. Frame(Ping, []), .. Frame(Text, [0xFF])],
        1007,
        [.. HeartbeatReply("€"), .. FromServer(Pong, [])]);
}
