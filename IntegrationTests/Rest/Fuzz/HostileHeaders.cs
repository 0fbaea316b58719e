using System.Text;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Rest.Fuzz;

/// <summary>Invalid header values. Each character stands for one byte (ISO 8859-1).</summary>
internal static class HostileHeaders
{
    public const string AllowedOrigin = "http://shop.example";

    private static readonly string[] Hosts =
    [
        "", " ", ".", "..", ".&", "&", "-", "_", "*", "xn--", "XN--", "xn--a", "xn--\u00e6", "shop.xn--", "xn--.shop",
        "xn--0",
        "xn--99999999999999", "xn--a-\u0080", "xn--a:80", "xn--:80", "[", "[]", "[::1", "::1]", "[::1]:x",
        "[::1]:99999", "[v1.x]",
        "[fe80::1%25eth0]", "::1", "1:2:3", "a:", ":80", "a:-1", "a:00080", "a:65536", "a:4294967297", "a..b", "a.",
        ".a", "a/b", "a\\b",
        "a?b", "a#b", "a@b", "a,b", "a b", "a\tb", "%", "%00", "a%2fb", "a%xn--", "0x7f.1", "127.1", "256.256.256.256",
        "1.2.3.4.5",
        "\u00e6.no", "\u00c3\u00a6.no", "\u00f0\u009f\u0091\u008b", "\u00ff", "\u00e2\u0080\u008b",
        "\u00e3\u0080\u0082", "\u00ef\u00bc\u0091",
        "\u00c4\u00b0", "<script>", "\"a\"", "'a'", "http://a", "localhost:4000, evil", "a=b;c=d",
    ];

    // Names that .NET knows, and others.
    private static readonly string[] Charsets =
    [
        "utf-7", "UTF-7", "\"utf-7\"", "csUnicode11UTF7", "unicode-1-1-utf-7", "x-unicode-2-0-utf-7", "utf-8", "utf8",
        "utf-16", "utf-16BE",
        "ucs-2", "utf-32", "utf-32BE", "us-ascii", "iso-8859-1", "latin1", "windows-1252", "iso-2022-jp",
        "x-user-defined", "65000", "",
        "\"\"", "\"", " ", "utf-8;", "utf\u00c3\u00a6", "none", "*", "utf-7,utf-8", "a'b'c", "=?utf-7?Q?a?=",
    ];

    private static readonly string[] Boundaries =
    [
        "b", "\"b\"", "\"\"", "", "\"", "b b", "--", "\u00c3\u00a6", "=", "b;boundary=c", "'b'", "*", "%", "\"b\\\"c\"",
        "0",
    ];

    private static readonly string[] Types =
    [
        "application/json", "application/json; charset=", "application/x+json", "text/json",
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=", "multipart/form-data", "multipart/form-data; boundary=",
        "multipart/mixed; boundary=",
        "multipart/", "multipart", "text/plain", "*/*", "/", ";", "", "application", "application/json;",
        "application/json; =", "+json", "a/+json",
        "application/json, application/json",
    ];

    private static readonly string[] Numbers =
    [
        "", "0", "-0", "-1", "+1", "1", "00", "1,1", "1, 2", "0x10", "1.5", "1e9", " 7 ", "2147483648", "4294967296",
        "9223372036854775808",
        "18446744073709551616", "NaN", "\u00b2",
    ];

    private static readonly string[] Tags =
    [
        "*", "\"x\"", "W/\"x\"", "W/", "\"", "\"\"", "x", ",", ",,,", "\"x\", *", "\"x\" \"y\"", "W/W/\"x\"",
        "\"\u00e6\"", "\"a\\\"b\"", "w/\"x\"",
    ];

    private static readonly string[] Dates =
    [
        "Thu, 01 Jan 1970 00:00:00 GMT", "0", "-1", "Thu, 99 Jan 2026 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT",
        "now", "Thursday",
        "Thu Jan  1 00:00:00 0001",
    ];

    private static readonly string[] Pieces =
    [
        "a", "=", ";", ",", ":", " ", "\t", "\"", "\\", "/", "?", "%", "%00", "%0d%0a", "&", "[", "]", "(", ")", "<",
        ">", "{", "}", "@", "*", "+", "'",
        "\u00e6", "\u00c3\u00a6", "\u00ff", "\u00ed\u00a0\u0080", "\u0001", "\u007f", "\u0085", "null", "undefined",
        "gzip", "chunked", "q=0.5", "q=2",
        "bytes=", "0-", "-", "xn--", "http://", "https://", "127.0.0.1", "::1", "unix", "unknown", "websocket",
        "upgrade", "close", "keep-alive",
        "for=", "proto=", "host=", "_kaffediem_session", "Basic ", "Bearer ", "13", "permessage-deflate", "phoenix",
        "base64url.bearer.phx.",
    ];

    /// <summary>Every request header that the server or the framework reads, and values made for it.</summary>
    private static readonly (string Name, string[] Values)[] Headers =
    [
        ("Host", Hosts), ("Host", Hosts), ("Host", Hosts), ("Content-Type", []), ("Content-Type", []),
        ("Content-Type", []),
        ("Content-Length", Numbers),
        ("Transfer-Encoding", ["chunked", "gzip", "gzip, chunked", "chunked, gzip", "identity", "chunked;a=b"]),
        ("Content-Encoding", ["gzip", "identity", "br, identity", ",", "\u00e6"]),
        ("Content-Disposition", ["form-data", "attachment; filename*=utf-7''a"]),
        ("Content-Range", ["bytes 0-1/2", "bytes */*"]),
        ("Accept", ["*/*", "a", "text/html;q=a"]), ("Accept-Charset", Charsets),
        ("Accept-Encoding", ["gzip", "*;q=0", "identity;q=0"]),
        ("Accept-Language", ["no", "*", "xx-\u00e6"]),
        ("Cookie", ["_kaffediem_session=", "_kaffediem_session=\u00e6", "=;=;=", "a=b;a"]),
        ("Origin", ["null", "http://", "http://xn--", "http://.&", "http://[::1", "\u00c3\u00a6", "file://", "*"]),
        ("Origin", [AllowedOrigin]), ("Origin", [AllowedOrigin]),
        ("Referer", ["http://a", ":"]), ("Authorization", ["Basic", "Basic =", "Bearer", "Digest a=b"]),
        ("Sec-Fetch-Site", ["cross-site", "x"]),
        ("Range", ["bytes=0-0", "bytes=-1", "bytes=9-1", "bytes=0-0,2-2", "bytes=-", "bytes"]),
        ("Range", ["bytes=99999999999999999999-", "lines=1-2"]),
        ("If-Range", Tags), ("If-Match", Tags), ("If-None-Match", Tags), ("If-Modified-Since", Dates),
        ("If-Unmodified-Since", Dates),
        ("If-Range", Dates), ("Date", Dates), ("Forwarded", ["for=a;host=xn--;proto=b"]),
        ("X-Forwarded-For", ["a", "::1", "[::1]:99999", "127.0.0.1:x", "10.0.0.1, ", ","]),
        ("X-Forwarded-For", ["unknown", "_hidden", "1", "127.0.0.1, 127.0.0.1"]),
        ("X-Forwarded-Host", Hosts), ("X-Forwarded-Host", Hosts),
        ("X-Forwarded-Proto", ["", "x", "https, wss", "javascript", ",", "a b"]),
        ("X-Forwarded-Prefix", ["a", "/a", "//", "\u00e6"]), ("X-Original-For", ["a"]), ("X-Original-Host", Hosts),
        ("X-Original-Proto", ["a"]),
        ("X-HTTP-Method-Override", ["DELETE"]),
        ("Connection", ["close", "upgrade", "keep-alive, upgrade", "host", ",", "close, upgrade"]),
        ("Upgrade", ["websocket", "h2c", "HTTP/2.0", "x", "websocket, x"]),
        ("HTTP2-Settings", ["", "AAMAAABkAAQAAP__", "*"]),
        ("Sec-WebSocket-Key", ["", "a", "dGhlIHNhbXBsZSBub25jZQ==", "AAAAAAAAAAAAAAAAAAAAAA=="]),
        ("Sec-WebSocket-Version", Numbers),
        ("Sec-WebSocket-Protocol", ["phoenix", "phoenix, base64url.bearer.phx.!", "\u00e6", ",", "a,a,a"]),
        (
            "Sec-WebSocket-Extensions",
            ["permessage-deflate; server_max_window_bits=99", "permessage-deflate", ";", "a;b=\"c"]),
        ("Expect", ["100-continue", "x", "100-continue, x", "200-ok"]), ("Keep-Alive", ["timeout=-1"]),
        ("TE", ["trailers", "chunked"]),
        ("Trailer", ["Host", "Content-Length"]), ("Idempotency-Key", ["", "a b", "\u00e6", "\"k\"", "k"]),
        ("Last-Event-ID", ["", "a:b", "1", "-1:x"]),
        ("Access-Control-Request-Method", ["PATCH", "x", "\u00e6", ""]),
        ("Access-Control-Request-Private-Network", ["true"]),
        ("Access-Control-Request-Headers", ["content-type", "\u00c3\u00a6", "a,\u00ff", "a b", ",", "\u0001", "*"]),
        ("Baggage", ["a=\u00e6", "=,="]),
        ("Traceparent", ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "x", "ff-0-0-0"]),
        ("Tracestate", ["a=b,,=", "\u00e6"]),
        ("Request-Id", ["|a.b", "\u00e6"]), ("X-Phoenix-AuthToken", ["\u00e6", "a"]),
        ("x-phoenix-longpoll-token", ["a", "\u00e6", "a.b.c"]),
        ("User-Agent", ["\u00c3\u00a6", "\u00ff"]), ("Max-Forwards", Numbers), ("Priority", ["u=9, i=x"]),
        ("Cache-Control", ["no-cache", "max-age=x", "\u00e6"]),
        ("Pragma", ["no-cache"]), ("Via", ["1.1 a"]), ("X-Requested-With", ["XMLHttpRequest"]),
        ("Proxy-Connection", ["keep-alive"]),
    ];

    /// <summary>Headers after which the server may wait for more than was sent.</summary>
    public static bool MayAskForMore(string name) =>
        name is "Content-Length" or "Transfer-Encoding" or "Upgrade" or "Connection" or "HTTP2-Settings";

    public static (string Name, string Value) Make(SeededRandom random)
    {
        var (name, values) = random.Pick<(string, string[])>(Headers);
        var value = name == "Content-Type" ? MakeType(random)
            : values.Length > 0 && !random.OneIn(3) ? random.Pick<string>(values)
            : string.Concat(Enumerable.Range(0, random.Length(20)).Select(_ => random.Pick<string>(Pieces)));
        if (random.OneIn(8))
        {
            value = Encoding.Latin1.GetString(random.Mutate(Encoding.Latin1.GetBytes(value)));
        }

        // Occasionally longer than a header may be. A line end would end the header, or the whole head.
        value = random.OneIn(60) ? value.PadRight(1 + random.Length(40_000), 'x') : value;
        return (name, random.OneIn(30) ? value : value.Replace('\r', '\t').Replace('\n', '\t').Replace('\0', '\t'));
    }

    /// <summary>The headers that a preflight asks for.</summary>
    public static (string Name, string Value) MakeRequestedHeaders(SeededRandom random)
    {
        var (name, values) = Array.Find(Headers, header => header.Name == "Access-Control-Request-Headers");
        return (name, random.Pick<string>(values));
    }

    /// <summary>A <c>Content-Type</c>, also of a form's part.</summary>
    public static string MakeType(SeededRandom random) => random.Pick<string>(Types) + random.Below(3) switch
    {
        0 => random.Pick<string>(Charsets),
        1 => random.Pick<string>(Boundaries) + "; charset=" + random.Pick<string>(Charsets),
        _ => random.Pick<string>(Boundaries).PadRight(random.OneIn(4) ? 100 + random.Below(40) : 0, 'b'),
    };

    public static string MakeCharset(SeededRandom random) => random.Pick<string>(Charsets);
}
