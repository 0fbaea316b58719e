using System.Globalization;
using System.Text;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Rest.Fuzz;

/// <summary>A request with some or all of its parts malformed.</summary>
/// <param name="Bytes">The request.</param>
/// <param name="MayBeIncomplete">Whether the server may wait for more.</param>
internal sealed record HostileRequest(byte[] Bytes, bool MayBeIncomplete)
{
    private static readonly string[] Texts =
    [
        "1", "2", "0", "-1", "+1", "1.5", "1e3", "99999999999999999999", "%31", "%20", "%FF", "%00", "%2F", "%5C", "..",
        ".", "%2e%2e", "%ED%A0%80", "%C3%A6",
        "%D9%A3", "\u00c3\u00a6", "\u00ff", "x", "%zz", "%", "a%20b", "null", "today", "2026-01-01",
        "9999-12-31T23:59:59", "*", ",", "-id", "id,name", "order",
        "menu", "order,menu,nope", "[]", "[a]", "1%0d%0a", "2.0.0", "1:x", "%EF%BB%BF", "(", "'", "%27%20OR%201=1",
        "\"", "<a>", "{id}", "0123456789abcdef0123456789abcdef.png",
    ];

    private static readonly string[] Methods =
    [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OPTIONS", "OPTIONS", "TRACE", "CONNECT", "get",
        "X",
        "\u00e6",
    ];

    private static readonly string[] Versions = ["HTTP/1.0", "HTTP/0.9", "HTTP/2", "HTTP/3.0", "http/1.1", "", "X"];

    private static readonly string[] Targets =
    [
        "*", "//", "/..", "/%2e%2e/", "/%", "/%00", "a", "?", "/\u00ff", "/#", "/a//b", "/" + new string('a', 9000),
    ];

    private static readonly string[] Parameters =
    [
        "sort", "page", "perPage", "from_date", "customer_id", "state", "id", "collections", "last_event_id", "vsn",
        "token", "_x", "filter", "", "a[b]", "%FF", "%zz",
        "vsn[]", "perPage[]",
    ];

    /// <param name="random">The random numbers of this request.</param>
    /// <param name="server">The server.</param>
    /// <param name="method">A method of the endpoint; occasionally another one is sent.</param>
    /// <param name="pattern">The endpoint's route, for example <c>/uploads/{name}</c>.</param>
    public static HostileRequest Make(SeededRandom random, Uri server, string method, string pattern)
    {
        method = random.OneIn(8) ? random.Pick<string>(Methods) : method;
        var headers = Enumerable.Range(0, random.Length(6)).Select(_ => HostileHeaders.Make(random)).ToList();
        if (method == "OPTIONS" && random.OneIn(2))
        {
            headers.Add(("Origin", HostileHeaders.AllowedOrigin));
            headers.Add(("Access-Control-Request-Method", "PATCH"));
            headers.Add(HostileHeaders.MakeRequestedHeaders(random));
        }

        var hasBody = method is "POST" or "PUT" or "PATCH" || random.OneIn(10);
        var (type, body) = hasBody ? HostileBodies.Make(random) : ("", []);
        Add("Host", server.Authority);
        if (body.Length > 0)
        {
            Add("Content-Type", type);
            Add("Content-Length", body.Length.ToString(CultureInfo.InvariantCulture));
        }

        var version = random.OneIn(30) ? random.Pick<string>(Versions) : "HTTP/1.1";
        var lines = headers.Select(header => $"{header.Name}: {header.Value}\r\n");
        var head = $"{method} {MakeTarget(random, server, pattern)} {version}\r\n{string.Concat(lines)}\r\n";
        return new HostileRequest(
            [.. Encoding.Latin1.GetBytes(head), .. body],
            headers.Exists(header => HostileHeaders.MayAskForMore(header.Name)) && headers.Exists(IsNotTheBodysLength));

        void Add(string name, string value)
        {
            // A header that exists is not added, except occasionally.
            if (!headers.Exists(header => header.Name == name) || random.OneIn(20))
            {
                headers.Insert(random.Below(headers.Count + 1), (name, value));
            }
        }

        bool IsNotTheBodysLength((string Name, string Value) header) =>
            HostileHeaders.MayAskForMore(header.Name)
            && header != ("Content-Length", body.Length.ToString(CultureInfo.InvariantCulture));
    }

    private static string MakeTarget(SeededRandom random, Uri server, string pattern)
    {
        var path = string.Join('/', pattern.Split('/').Select(part => part.StartsWith('{') ? MakeText(random) : part));
        var query = random.OneIn(2)
            ? "?" + string.Join('&', Enumerable.Range(0, 1 + random.Length(5)).Select(_ =>
                $"{random.Pick<string>(Parameters)}{random.Pick("=", "=", "=", "", "==")}{MakeText(random)}"))
            : "";
        return random.Below(40) switch
        {
            // RFC 9112 §3.2.2: the absolute form.
            0 => $"http://{random.Pick("xn--", ".&", server.Authority, "a b", "")}{path}{query}",
            1 => random.Pick<string>(Targets),
            2 => path + "/" + MakeText(random),
            3 => path.ToUpperInvariant() + query,
            _ => path + query,
        };
    }

    private static string MakeText(SeededRandom random) => random.Below(12) switch
    {
        0 => new string('9', random.Length(3000)),
        1 => string.Concat(Enumerable.Range(0, random.Length(10)).Select(_ => random.Pick<string>(Texts))),
        _ => random.Pick<string>(Texts),
    };
}
