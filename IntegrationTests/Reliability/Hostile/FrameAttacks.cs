using static Kaffediem.IntegrationTests.Support.Clients.FrameClient;
using static Kaffediem.IntegrationTests.Support.Clients.Framing;

namespace Kaffediem.IntegrationTests.Reliability.Hostile;

/// <summary>Invalid or oversized frames and messages.</summary>
internal static class FrameAttacks
{
    private const int MaxBytes = 65_536;

    public static IEnumerable<HostileAttack> All =>
    [
        Closed("unmasked frames", 1002, Frame(Text, Heartbeat("x"), isMasked: false)),
        Closed("reserved bits and opcodes", 1002, [.. Frame(0xB, [], reserved: 7)]),
        Closed("endless empty fragments", 1008, [.. FirstFragment(Utf8("[")), .. Fragments([], 10_000)]),
        Closed("endless fragments", 1009, [.. FirstFragment(Utf8("[")), .. Fragments(new byte[100], 1000)]),
        Closed("a fragment of every message only", 1002, [.. FirstFragment(Utf8("[")), .. FirstFragment(Utf8("["))]),
        Closed("a message of 2^62 bytes, announced", 1009, Header(Text, 1UL << 62)),
        Closed(
            "a giant message, a byte more than fits",
            1009,
            Frame(Text, Utf8(Message(new string('x', MaxBytes - Message("").Length + 1))))),
        Closed("deep JSON, 65 levels", 1011, Frame(Text, Utf8($"""[null,"2","phoenix","heartbeat",{Deep(64)}]"""))),
        Closed(
            "deep JSON, 30,000 levels",
            1011,
            Frame(Text, Utf8($"""[null,"2","phoenix","heartbeat",{Deep(30_000)}]"""))),
        Closed(
            "a lone surrogate in a topic", 1011, Frame(Text, Utf8("""[null,"2","collection:\ud800","phx_join",{}]"""))),
        Closed(
            "a lone surrogate in a payload",
            1011,
            Frame(Text, Utf8("""["1","2","collection:order","reload",{"a":"\udc00"}]"""))),
        Closed("a text that is not UTF-8", 1007, Frame(Text, [0x5B, 0x22, 0xC3, 0x28, 0x22, 0x5D])),
        Closed("rubbish", 1011, Frame(Text, Utf8("rubbish"))),
        Closed("a binary frame that announces more than it has", 1011, Frame(Binary, [0, 255, 255, 255, 255, 1])),
        HostileAttack.Repeated(
            "NULs and forged lines of the log in topics, events and payloads",
            "unmatched topic, unknown event; an unknown collection is empty",
            NulAsync),
        HostileAttack.Repeated("duplicate keys in a message", "the last one counts", DuplicateAsync),
        HostileAttack.Repeated("101 joins on one socket", "100 x ok; too many channels joined", JoinManyAsync),
        HostileAttack.Repeated(
            "a thousand messages to topics that do not exist", "an error for each: unmatched topic", company =>
            PushManyAsync(company, "shout")),
        HostileAttack.Repeated(
            "a thousand joins of topics that do not exist", "an error for each: unmatched topic", company =>
            PushManyAsync(company, "phx_join")),
    ];

    private static HostileAttack Closed(string name, int code, byte[] sent) =>
        HostileAttack.Repeated(
            name, $"closed with {code}", company => JoinedClient.AssertClosedAsync(company.Address, sent, code));

    private static string Message(string text) => $$"""[null,"2","phoenix","heartbeat",{"a":"{{text}}"}]""";

    private static string Deep(int levels) => new string('[', levels) + new string(']', levels);

    private static byte[] Fragments(byte[] each, int count) =>
        [.. Enumerable.Repeat(Frame(Continuation, each, isFinal: false), count).SelectMany(frame => frame)];

    private static async Task NulAsync(HonestCompany company)
    {
        using var client = await JoinedClient.JoinedAsync(company.Address);
        await client.SendTextAsync(
            """["2","2","collection:order\u0000","phx_join",{}]""",
            """["6","6","collection:\r2026-11-24T09:00:00Z fail: Forged[0] \u001b[31mThe shop burns.","phx_join",{}]""",
            """["3","3","\u0000","phx_join",{}]""",
            """["1","4","collection:order","reload\u0000",{}]""",
            """["1","5","collection:order","reload",{"\u0000":"\u0000"}]""");
        var replies = (await client.ReadRepliesAsync(5)).OrderBy(reply => reply.Ref).Select(reply => reply.Status);
        Assert.Equal(["ok", "unmatched topic", "unknown event", "ok", "ok"], replies);
    }

    private static async Task DuplicateAsync(HonestCompany company)
    {
        using var client = await FrameClient.ConnectAsync(company.Address, "/socket/websocket?vsn=1.0.0");
        await client.SendTextAsync(
            """{"topic":"no","event":"no","topic":"phoenix","event":"heartbeat","payload":{},"ref":"1","ref":"2"}""");
        Assert.Equal(
            """{"topic":"phoenix","event":"phx_reply","ref":"2","payload":{"status":"ok","response":{}}}""",
            await client.ReadTextAsync());
    }

    private static async Task JoinManyAsync(HonestCompany company)
    {
        using var client = await JoinedClient.JoinedAsync(company.Address);
        await client.SendTextAsync(
            [.. Enumerable.Range(2, 110).Select(i => $$"""["{{i}}","{{i}}","collection:no{{i}}","phx_join",{}]""")]);
        var replies = await client.ReadRepliesAsync(110);
        Assert.Equal(99, replies.Count(reply => reply.Status == "ok")); // and the first join
        Assert.Equal(11, replies.Count(reply => reply.Status == "too many channels joined"));
    }

    private static async Task PushManyAsync(HonestCompany company, string @event)
    {
        using var client = await JoinedClient.JoinedAsync(company.Address);
        var payload = $$"""{"a":"{{company.Keep("payload-7f3a")}}"}""";
        await client.SendTextAsync(
            [.. Enumerable.Range(0, 1000).Select(i => $$"""["{{i}}","{{i}}","no:{{i}}","{{@event}}",{{payload}}]""")]);
        Assert.All(await client.ReadRepliesAsync(1000), reply => Assert.Equal("unmatched topic", reply.Status));
    }
}
