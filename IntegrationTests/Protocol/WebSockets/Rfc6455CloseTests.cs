using Kaffediem.IntegrationTests.Support;
using Microsoft.Extensions.Time.Testing;
using static Kaffediem.IntegrationTests.Support.FrameClient;
using static Kaffediem.IntegrationTests.Support.Framing;

namespace Kaffediem.IntegrationTests.Protocol.WebSockets;

/// <summary>
/// RFC 6455 §5.5.1, §7.1 and §7.4: the client closes. The server answers a close frame with one, without a reason, and
/// the connection ends (docs/protocol.md, "Close codes"; reference transcript W231-W239).
/// </summary>
public sealed class Rfc6455CloseTests
{
    private static readonly byte[] Ordinary = Frame(Close, CodeBytes(1000));

    public static TheoryData<byte[]> Valid { get; } =
    [
        Row("no code (W233)", []),
        Row("a reason (W232)", [.. CodeBytes(1000), .. Utf8("bye")]),
        Row("a reason of 123 bytes, the longest", [.. CodeBytes(1001), .. Enumerable.Repeat((byte)'x', 123)]),
        Row("a reason beyond ASCII", [.. CodeBytes(4000), .. Utf8("på gjensyn 👋")]),
    ];

    public static TheoryData<byte[]> Invalid { get; } =
    [
        Row("§5.5.1: one byte is not a code (W238)", Frame(Close, [3])),
        Row("§5.5: 126 bytes", Frame(Close, [.. CodeBytes(1000), .. new byte[124]])),
        Row("§5.5: 2^62 bytes, announced", Header(Close, 1UL << 62)),
        Row("§5.5: in fragments", Frame(Close, CodeBytes(1000), isFinal: false)),
        Row(
            "§5.5: in fragments, and its rest",
            [.. Frame(Close, CodeBytes(1000), isFinal: false), .. Frame(Continuation, [])]),
        Row("§5.5.1: the reason is not UTF-8", Frame(Close, [.. CodeBytes(1000), 0xFF])),
        Row("§5.5.1: the reason breaks off in a character", Frame(Close, [.. CodeBytes(1000), 0xE2, 0x82])),
        Row("§5.5.1: the reason is a surrogate", Frame(Close, [.. CodeBytes(1000), 0xED, 0xA0, 0x80])),
    ];

    [Theory] // §7.4.1; §7.4.2: 3000 to 3999 are for libraries and applications, 4000 to 4999 for anyone
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(1002)]
    [InlineData(1003)]
    [InlineData(1007)]
    [InlineData(1008)]
    [InlineData(1009)]
    [InlineData(1010)]
    [InlineData(1011)]
    [InlineData(3000)]
    [InlineData(3999)]
    [InlineData(4000)]
    [InlineData(4999)]
    public Task Valid_code_is_answered_with_1000(int code) =>
        ClosesAsync(Frame(Close, CodeBytes(code)), 1000);

    [Theory]
    [InlineData(0)] // §7.4.2: 0 to 999 are not used
    [InlineData(999)]
    [InlineData(1004)] // §7.4.1: reserved
    [InlineData(1005)] // §7.4.1: must not be set as a status code
    [InlineData(1006)]
    [InlineData(1012)] // registered since, for servers; refused as Bandit does
    [InlineData(1013)]
    [InlineData(1014)]
    [InlineData(1015)] // §7.4.1: must not be set as a status code
    [InlineData(1016)] // §7.4.2: reserved for later versions of the protocol
    [InlineData(1100)]
    [InlineData(2000)]
    [InlineData(2999)]
    [InlineData(5000)] // §7.4.2: no codes from here on
    [InlineData(65_535)]
    public Task Invalid_code_is_answered_with_1002(int code) =>
        ClosesAsync(Frame(Close, CodeBytes(code)), 1002);

    [Theory]
    [MemberData(nameof(Valid))]
    public Task Well_formed_close_is_answered_with_1000(byte[] payload) =>
        ClosesAsync(Frame(Close, payload), 1000);

    [Theory]
    [MemberData(nameof(Invalid))]
    public Task Malformed_close_is_answered_with_1002(byte[] sent) => ClosesAsync(sent, 1002);

    [Fact] // §5.4: a control frame like any other
    public Task Close_between_fragments_is_answered() =>
        ClosesAsync([.. FirstFragment(Utf8("[")), .. Ordinary], 1000);

    [Fact] // §5.5.1: no data may follow a close
    public Task Message_after_a_close_is_not_answered() => ClosesAsync(
        [.. Ordinary, .. Frame(Ping, [1]), .. Frame(Text, Heartbeat("x")), .. Frame(0x3, []), .. Ordinary], 1000);

    [Fact] // §5.5.1: the client has to answer first
    public Task Message_before_a_close_is_answered() =>
        ClosesAsync([.. Frame(Ping, [1]), .. Ordinary], 1000, FromServer(Pong, [1]));

    [Fact] // §7.1.1: the server ends the connection, so that the client need not wait
    public Task Close_for_a_malformed_message_ends_the_connection() =>
        ClosesAsync(Frame(Text, Utf8("rubbish")), 1011);

    [Fact] // §7.1.7: data after the failure is not processed
    public async Task Client_that_keeps_sending_after_a_failure_is_cut_off()
    {
        var time = new FakeTimeProvider();
        await using var app = await PhoenixApp.StartAsync(time: time);
        using var client = await app.ConnectAsync();
        await client.JoinAsync("room:a");

        await client.Frames.SendFrameAsync(0x3, []);
        Assert.Equal(CloseFromServer(1002), await client.Frames.ReadToEndAsync());

        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (true)
            {
                await client.Frames.SendFrameAsync(Text, EchoOfLength(10_000));
                time.Advance(TimeSpan.FromSeconds(1));
            }
        });
        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
    }
}
