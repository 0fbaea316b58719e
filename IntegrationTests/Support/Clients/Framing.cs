using System.Text;
using Microsoft.Extensions.Time.Testing;
using static Kaffediem.IntegrationTests.Support.Clients.FrameClient;

namespace Kaffediem.IntegrationTests.Support.Clients;

/// <summary>Raw exchanges: the bytes that a client sends, and all the bytes that it receives (RFC 6455).</summary>
internal static class Framing
{
    public const int Continuation = 0x0;
    public const int Text = 0x1;
    public const int Binary = 0x2;
    public const int Close = 0x8;
    public const int Ping = 0x9;
    public const int Pong = 0xA;

    /// <summary>One row of a table: a label and the frames.</summary>
    public static TheoryDataRow<byte[]> Row(string what, params byte[] sent) => new(sent) { Label = what };

    /// <summary>One row of a table: a label, the frames, and the frames that answer them.</summary>
    public static TheoryDataRow<byte[], byte[]> Row(string what, byte[] sent, byte[] answered) =>
        new(sent, answered) { Label = what };

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>A message that is answered at once, in order with pongs and the close frame.</summary>
    public static byte[] Heartbeat(string text) => Utf8($$"""[null,"{{text}}","phoenix","heartbeat",{}]""");

    /// <summary>The frame that answers a heartbeat.</summary>
    public static byte[] HeartbeatReply(string text) =>
        FromServer(Text, Utf8($$$"""[null,"{{{text}}}","phoenix","phx_reply",{"status":"ok","response":{}}]"""));

    /// <summary>A message for a channel; its text comes back and proves every byte.</summary>
    public static byte[] Echo(string text) => Utf8($$$"""["1","2","room:a","echo",{"a":"{{{text}}}"}]""");

    /// <summary>The same message, of a given length in bytes.</summary>
    public static byte[] EchoOfLength(int length) => Echo(Letters(length - Echo("").Length));

    /// <summary>The frame that answers such a message.</summary>
    public static byte[] EchoReply(string text) => FromServer(
        Text, Utf8($$$"""["1","2","room:a","phx_reply",{"status":"ok","response":{"a":"{{{text}}}"}}]"""));

    /// <summary>The frame that answers a message of a given length.</summary>
    public static byte[] EchoReplyOfLength(int length) => EchoReply(Letters(length - Echo("").Length));

    /// <summary>The beginning of a text message that further fragments continue.</summary>
    public static byte[] FirstFragment(byte[] payload) => Frame(Text, payload, isFinal: false);

    /// <summary>A text message in fragments.</summary>
    public static byte[] InFragments(params byte[][] parts) => [.. parts.SelectMany((part, index) =>
        Frame(index == 0 ? Text : Continuation, part, isFinal: index == parts.Length - 1))];

    /// <summary>A frame as the server sends it: whole, unmasked, its length in the fewest bytes.</summary>
    public static byte[] FromServer(int opcode, byte[] payload) => Frame(opcode, payload, isMasked: false);

    /// <summary>A close frame as the server sends it: a code and no reason, like Phoenix.</summary>
    public static byte[] CloseFromServer(int code) => FromServer(Close, CodeBytes(code));

    public static byte[] CodeBytes(int code) => [(byte)(code >> 8), (byte)code];

    /// <summary>Sends, in one segment if it fits, and expects exactly this answer; the socket stays open.</summary>
    public static async Task AnswersAsync(byte[] sent, byte[] answered, int maxMessageBytes = 65_536)
    {
        await using var app = await PhoenixApp.StartAsync(options => options.MaxMessageBytes = maxMessageBytes);
        using var client = await app.ConnectAsync();
        await client.JoinAsync("room:a");

        await client.Frames.SendRawAsync(sent);

        Assert.Equal(answered, await client.Frames.ReadBytesAsync(answered.Length));
        await client.AssertSilentAsync();
    }

    /// <summary>
    /// Sends, and expects the given answers, a close frame with the code, and the end of the connection: at once, not
    /// by a timeout, since no time passes. Other clients are not affected.
    /// </summary>
    public static async Task ClosesAsync(byte[] sent, int code, params byte[] before)
    {
        await using var app = await PhoenixApp.StartAsync(time: new FakeTimeProvider());
        using var honest = await app.ConnectAsync();
        using var client = await app.ConnectAsync();
        await client.JoinAsync("room:a");

        await client.Frames.SendRawAsync(sent);

        byte[] answered = [.. before, .. CloseFromServer(code)];
        Assert.Equal(answered, await client.Frames.ReadToEndAsync());
        Assert.Equal("terminated room:a: Closed", app.State.NextEvent());
        await honest.AssertSilentAsync();
    }

    private static string Letters(int count) =>
        string.Concat(Enumerable.Range(0, count).Select(i => (char)('a' + (i % 23))));
}
