using System.Text;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol.Fuzz;

/// <summary>A client's frame.</summary>
internal sealed record FuzzFrame(byte[] Bytes, bool IsBinary);

/// <summary>Messages of all three formats (docs/protocol.md, "Messages"), valid and mutated.</summary>
internal static class FuzzMessage
{
    private static readonly string[] Topics =
        ["fuzz:a", "fuzz:a", "fuzz:a", "fuzz:b", "fuzz:", "phoenix", "room:a", "honest2", ""];

    private static readonly string[] Events =
    [
        "phx_join", "phx_join", "phx_join", "phx_leave", "phx_close", "phx_error", "phx_reply", "heartbeat", "echo",
        "error",
        "status", "silent", "stop", "bytes", "push", "shout", "whisper", "later", "other", "",
    ];

    /// <summary>A message, usually a valid one.</summary>
    public static FuzzFrame Make(SeededRandom random, int version)
    {
        if (version == 2 && random.OneIn(8))
        {
            return MakeBinary(random);
        }

        var bytes = Encoding.UTF8.GetBytes(version == 1 ? MakeV1(random) : MakeV2(random));

        // V1 does not distinguish text frames from binary ones.
        return new FuzzFrame(
            random.OneIn(25) ? random.Mutate(bytes) : bytes, IsBinary: version == 1 && random.OneIn(8));
    }

    /// <summary>A message that is answered, whatever came before.</summary>
    public static FuzzFrame Heartbeat(int version, string @ref) => new(
        Encoding.UTF8.GetBytes(version == 1
            ? $$"""{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"{{@ref}}"}"""
            : $$"""[null,"{{@ref}}","phoenix","heartbeat",{}]"""),
        IsBinary: false);

    // 00 | joinRefLen refLen topicLen eventLen | joinRef ref topic event | data
    public static FuzzFrame MakeBinary(SeededRandom random)
    {
        byte[][] texts =
        [
            Field(random, random.Pick("1", "1", "1", "2", "")), Field(random, random.Pick("1", "2", "3", "")),
            Field(random, random.Pick<string>(Topics)), Field(random, random.Pick<string>(Events)),
        ];
        byte[] bytes =
        [
            random.OneIn(50) ? (byte)random.Below(256) : (byte)0,
            .. texts.Select(text => random.OneIn(100) ? (byte)random.Below(256) : (byte)text.Length),
            .. texts.SelectMany(text => text),
            .. random.Bytes(random.Length(random.OneIn(50) ? 70_000 : 300)),
        ];
        return new FuzzFrame(random.OneIn(25) ? random.Mutate(bytes) : bytes, IsBinary: true);
    }

    /// <summary>[join_ref, ref, topic, event, payload]</summary>
    private static string MakeV2(SeededRandom random)
    {
        List<string> parts = [JoinRef(random), Ref(random), Topic(random), Event(random), Payload(random)];
        if (random.OneIn(25))
        {
            Rearrange(random, parts, FuzzJson.Value(random));
        }

        return Wrap(random, $"[{string.Join(",", parts)}]");
    }

    /// <summary>{"topic", "event", "payload", "ref", "join_ref"?}</summary>
    private static string MakeV1(SeededRandom random)
    {
        List<string> parts =
        [
            $"\"topic\":{Topic(random)}",
            $"\"event\":{Event(random)}",
            $"\"payload\":{Payload(random)}",
            $"\"ref\":{Ref(random)}",
        ];
        if (random.OneIn(3))
        {
            parts.Add($"\"join_ref\":{JoinRef(random)}");
        }

        if (random.OneIn(10))
        {
            var name = random.Pick("topic", "event", "payload", "ref", "join_ref", "other");
            Rearrange(random, parts, $"{FuzzJson.Quote(random, name)}:{FuzzJson.Value(random)}");
        }

        return Wrap(random, $"{{{string.Join(",", parts)}}}");
    }

    private static void Rearrange(SeededRandom random, List<string> parts, string added)
    {
        var at = random.Below(parts.Count);
        switch (random.Below(3))
        {
            case 0: parts.RemoveAt(at); break;
            case 1: parts.Insert(random.Below(parts.Count + 1), added); break;
            default: (parts[0], parts[at]) = (parts[at], parts[0]); break;
        }
    }

    private static string Wrap(SeededRandom random, string message) => random.Below(200) switch
    {
        0 => $"[{message}]",
        1 => $"{message}{message}",
        2 => $"{message} x",
        3 => $"\ufeff{message}",
        4 => FuzzJson.Value(random),
        5 => message[..^1],
        < 12 => $" \r\n{message}\t ",
        _ => message,
    };

    private static string JoinRef(SeededRandom random) =>
        random.OneIn(20) ? FuzzJson.Value(random) : random.Pick("null", "\"1\"", "\"1\"", "\"1\"", "\"2\"", "1");

    private static string Ref(SeededRandom random) =>
        random.OneIn(20) ? FuzzJson.Value(random) : random.OneIn(10) ? "null" : $"\"{random.Below(1000)}\"";

    private static string Topic(SeededRandom random) => Name(random, Topics, "fuzz:");

    private static string Event(SeededRandom random) => Name(random, Events, "");

    private static string Payload(SeededRandom random) =>
        random.OneIn(3) ? FuzzJson.Value(random) : random.OneIn(2) ? FuzzJson.Object(random) : "{}";

    private static string Name(SeededRandom random, string[] names, string prefix) => random.Below(30) switch
    {
        0 => FuzzJson.Value(random),
        1 => $"\"{prefix}{FuzzJson.String(random)[1..]}",
        2 => $"\"{prefix}"
            + string.Concat(Enumerable.Repeat(random.Pick("x", "æ", "\\u0061", "👋"), random.Length(1100)))
            + "\"",
        _ => FuzzJson.Quote(random, random.Pick<string>(names)),
    };

    private static byte[] Field(SeededRandom random, string usual) => random.Below(40) switch
    {
        0 => random.Bytes(random.Below(20)), // rarely valid UTF-8
        1 => Encoding.UTF8.GetBytes(
            string.Concat(Enumerable.Repeat(random.Pick("x", "\0", "\"", "\\", "\x7F"), random.Below(256)))),
        2 => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(random.Pick("👋", "æ"), random.Below(64)))),
        _ => Encoding.UTF8.GetBytes(usual),
    };
}
