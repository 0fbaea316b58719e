using System.Text;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol.Fuzz;

/// <summary>Everything that a client can send when it connects (docs/protocol.md, "Connecting").</summary>
internal static class FuzzHandshake
{
    private const string Bearer = "base64url.bearer.phx.";

    // Version 0: unsupported.
    private static readonly (string Query, int Version)[] Versions =
    [
        ("vsn=2.0.0", 2), ("vsn=1.0.0", 1), ("", 1), ("vsn=2.0.7", 2), ("vsn=%32.0.0", 2), ("v%73n=2.0.0", 2),
        ("VSN=2.0.0", 1),
        ("vsn=2.0.0&vsn=1.0.0", 1), ("vsn=2.0.0%2Bbuild", 2), ("vsn=2.0.1-rc.1", 2), ("&&vsn=2.0.0&", 2),
        ("vsn=3.0.0", 0), ("vsn[]=2.0.0", 0), ("vsn[a]=2.0.0", 0), ("vsn=1.0.0&vsn[]=2.0.0", 0), ("vsn", 0),
        ("vsn=", 0),
        ("vsn=2.0.0%00", 0), ("vsn=2.0.0+", 0), ("vsn=2.0.0-", 0), ("vsn=2.0.00", 0), ("vsn=%D9%A2.0.0", 0),
        ("vsn=99999999999.0.0", 0),
    ];

    private static readonly string[] Pieces =
    [
        "a", "b", "[", "]", "[]", "[a]", "][", "%5B", "%5D", "%5b%5d", "=", "&", ";", "+", "%", "%0", "%zz", "%00",
        "%0D%0A", "%FF",
        "%ED%A0%80", "%C3%A6", "%F0%9F%91%8B", "%25", "%u0041", "?", "/", "..", "%2F", "__proto__", "constructor", "1",
        ".", "\"", "'",
        "<", ">", "|", "~", "undefined", "null",
    ];

    /// <summary>A query and the version it asks for; <c>null</c> for a mutated query.</summary>
    public static (string Query, int? Version) MakeQuery(SeededRandom random)
    {
        var (vsn, version) = random.Pick<(string, int)>(Versions);
        var parts = new List<string> { vsn };
        for (var left = random.Length(20); left > 0; left--)
        {
            parts.Insert(random.Below(parts.Count + 1), MakePair(random));
        }

        var query = string.Join('&', parts);
        if (!random.OneIn(10))
        {
            return (query, version);
        }

        var mutated = random.Mutate(Encoding.ASCII.GetBytes(query));
        return (InOneLine(mutated), null);
    }

    /// <summary>
    /// A value of <c>Sec-WebSocket-Protocol</c>, and whether the client must be accepted or refused; <c>null</c> if
    /// either is fine.
    /// </summary>
    public static (string Header, bool? IsGood) MakeSubprotocols(SeededRandom random) => random.Below(12) switch
    {
        0 => ("phoenix", true),
        1 => ($"phoenix, {GoodBearer(random)}", true),
        2 => ($"{GoodBearer(random)},phoenix", true),
        3 => ($"phoenix, {GoodBearer(random)}, {GoodBearer(random)}", false),
        4 => ($"phoenix, {Bearer}{random.Pick("!", "*AAA", "A", "AAAAA", "ab c", "%41", "AA\tA")}", false),
        // Invalid UTF-8.
        5 => ("phoenix, "
            + $"{Bearer}{Convert.ToBase64String([0xFF, .. random.Bytes(random.Length(40))]).TrimEnd('=')}", false),
        6 => ("", null),
        7 => ($"{random.Pick(",", " , ,", ",,,")}phoenix{random.Pick(",", " ,", "")}", true),
        8 => (string.Concat(Enumerable.Repeat(random.Pick("x,", "phoenix,", "y ,"), random.Length(300))), null),
        9 => ($"phoenix, {Bearer.ToUpperInvariant()}AAAA", true), // another protocol, not a bearer token
        10 => (InOneLine(random.Mutate(Encoding.ASCII.GetBytes($"phoenix, {GoodBearer(random)}"))), null),
        _ => (Text(random, random.Length(60)), null),
    };

    /// <summary>A header that the server or the framework may read.</summary>
    public static (string Name, string Value) MakeHeader(SeededRandom random) => (
        random.Pick(
            "X-Phoenix-AuthToken", "x-phoenix-longpoll-token", "Origin", "User-Agent", "Cookie",
            "Access-Control-Request-Headers",
            "Content-Type", "X-Forwarded-For", "X-Forwarded-Proto", "Sec-WebSocket-Extensions", "Accept-Encoding",
            "Host"),
        random.Below(4) switch
        {
            0 => random.Pick(
                "",
                "null",
                "http://",
                "//",
                "http://[::1",
                "http://a b",
                "http://\u00E6",
                "http://localhost:99999",
                "*",
                "a, b"),
            1 => Text(random, random.Length(2000)),
            2 => string.Concat(Enumerable.Range(0, random.Length(30)).Select(_ => random.Pick<string>(Pieces))),
            _ => string.Concat(Enumerable.Repeat("\u00C3\u00A6", random.Length(30))), // UTF-8, byte by byte
        });

    private static string GoodBearer(SeededRandom random)
    {
        var token = string.Concat(
            Enumerable.Range(0, 1 + random.Length(100)).Select(_ => random.Pick("a", "~", "?", "æ", "👋", "\0", "\n")));
        var base64 = Convert.ToBase64String(Encoding.UTF8.GetBytes(token)).TrimEnd('=');
        return Bearer + (random.OneIn(2) ? base64.Replace('+', '-').Replace('/', '_') : base64);
    }

    private static string MakePair(SeededRandom random) => random.Below(20) switch
    {
        0 => string.Concat(Enumerable.Repeat(random.Pick("[a]", "[]", "[", "a"), random.Length(200))),
        // Around 32 levels.
        1 => $"p{string.Concat(Enumerable.Repeat(random.Pick("[a]", "[]"), 25 + random.Below(15)))}=x",
        2 => "deny=1",
        _ => "p" + string.Concat(Enumerable.Range(0, random.Length(12))
            .Select(_ => random.Pick<string>(Pieces))
            .Where(piece => piece != "&")),
    };

    // Mostly characters that a header may contain.
    private static string Text(SeededRandom random, int length) =>
        InOneLine([.. random.Bytes(length).Select(value => random.OneIn(3) ? (byte)(' ' + (value % 95)) : value)]);

    // A line end would end the header, or the whole head.
    private static string InOneLine(byte[] bytes) =>
        Encoding.Latin1.GetString(bytes).Replace('\r', '\t').Replace('\n', '\t');
}
