using System.Text;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Rest.Fuzz;

/// <summary>Malformed bodies, most of them with the right <c>Content-Type</c>.</summary>
internal static class HostileBodies
{
    private static readonly string[] Fields =
    [
        "id", "name", "email", "password", "price_nok", "category_id", "image", "sort_order", "enable", "valid",
        "multiple_choice",
        "default_value", "label_color", "items", "item", "customizations", "key", "key_id", "value", "price", "state",
        "uuid", "customer_id",
        "missing_information", "message_id", "open", "title", "subtitle", "visible", "day_id", "created", "_x", "",
        "\\u0000", "\\ud800", "a[b]", "items[]",
    ];

    private static readonly string[] Values =
    [
        "null", "true", "0", "-0", "1", "-1", "1.5", "1e400", "1e-400", "99999999999999999999999999",
        "9223372036854775807", "-9223372036854775809",
        "\"\"", "\" \"", "\"1\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\u00c3\u00a6\"", "\"\u00ff\"",
        "\"\u00ed\u00a0\u0080\"",
        "\"NaN\"", "\"\u00ef\u00bc\u0091\"", "\"http://xn--\"", "\"http://.&/\"", "\"/uploads/x\"",
        "\"http://[::1/uploads/a.png\"", "\"received\"",
        "\"00000000-0000-0000-0000-000000000000\"", "\"2026-01-01T00:00:00\"", "{}", "[]", "[1]", "[null]", "[[[]]]",
        "[{}]", "{\"key\":1,\"value\":[1]}",
        "[{\"item\":1,\"customizations\":[{\"key\":1,\"value\":[1,1]}]}]", "[{\"item\":\"x\"}]", "{\"a\":1,\"a\":2}",
        "tru", "1,", "\"", "'a'", "NaN", "\uFEFF",
    ];

    private static readonly string[] FormValues =
        ["1", "", "%", "%zz", "%00", "%FF", "+", "%ED%A0%80", "\u00ff", "{}", "%C3%A6", "&&", "\uFEFF"];

    private static readonly string[] Contents =
        ["1", "", "\u00ff\u00fe", "\u0089PNG\r\n\u001a\n", "GIF89a", "{}", "+AGE-", "\uFEFFa"];

    private static readonly string[] Names =
    [
        "\"", "\"\"", "image", "\"image\"", "\"a\\\"b\"", "\u00c3\u00a6", "\"../../a\"", "a b", "\"\\", "''",
        "\"\u0001\"",
    ];

    private static readonly string[] Dispositions =
    [
        "Content-Disposition: form-data", "Content-Disposition: form-data", "content-disposition:attachment",
        "Content-Disposition", "",
    ];

    /// <summary>A body and its <c>Content-Type</c>.</summary>
    public static (string Type, byte[] Body) Make(SeededRandom random)
    {
        var (type, text) = random.Below(4) switch
        {
            0 => ("application/x-www-form-urlencoded" + MaybeCharset(random), MakeForm(random)),
            1 => ("multipart/form-data; boundary=b" + MaybeCharset(random), MakeMultipart(random)),
            _ => ("application/json" + MaybeCharset(random), MakeJson(random, depth: 0)),
        };
        var body = Encoding.Latin1.GetBytes(text);
        body = random.OneIn(5) ? random.Mutate(body) : body;
        return (random.OneIn(6) ? HostileHeaders.MakeType(random) : type, body);
    }

    private static string MaybeCharset(SeededRandom random) =>
        random.OneIn(3) ? $"; charset={HostileHeaders.MakeCharset(random)}" : "";

    private static string MakeJson(SeededRandom random, int depth)
    {
        if (random.OneIn(12))
        {
            return random.OneIn(4) ? new string('[', random.Length(20_000)) : random.Pick<string>(Values);
        }

        return $"{{{string.Join(',', Enumerable.Range(0, random.Length(8)).Select(_ => MakeMember(random, depth)))}}}";
    }

    private static string MakeMember(SeededRandom random, int depth)
    {
        var value = depth < 3 && random.OneIn(5) ? MakeJson(random, depth + 1) : random.Pick<string>(Values);
        return $"\"{random.Pick<string>(Fields)}\":{value}";
    }

    private static string MakeForm(SeededRandom random) => string.Join(
        '&',
        Enumerable.Range(0, random.OneIn(20) ? 2000 : random.Length(8)).Select(_ =>
            $"{random.Pick<string>(Fields)}{random.Pick("=", "", "==", "%3D", ";")}{random.Pick<string>(FormValues)}"
            + new string('a', random.OneIn(10) ? random.Length(5000) : 0)));

    private static string MakeMultipart(SeededRandom random)
    {
        var parts = string.Concat(Enumerable.Range(0, random.Length(6)).Select(_ =>
            $"--b\r\n{MakePartHead(random)}\r\n{random.Pick<string>(Contents)}\r\n"));
        return parts + random.Pick("--b--\r\n", "--b--", "--b\r\n", "", "--b-");
    }

    private static string MakePartHead(SeededRandom random)
    {
        var head = random.Pick<string>(Dispositions)
            + $"{random.Pick("; name=", "; name*=", ";name =", "; ")}{MakeName(random)}"
            + (random.OneIn(2) ? $"; filename{random.Pick("=", "*=")}{MakeName(random)}" : "") + "\r\n";
        head += random.OneIn(2) ? $"Content-Type: {HostileHeaders.MakeType(random)}\r\n" : "";
        head += random.OneIn(2) ? $"Content-Type: text/plain; charset={HostileHeaders.MakeCharset(random)}\r\n" : "";
        head += random.OneIn(6) ? string.Concat(Enumerable.Repeat("X: y\r\n", random.Length(40))) : "";
        return head + (random.OneIn(20) ? $"X: {new string('y', 20_000)}\r\n" : "");
    }

    // RFC 8187 §3.2.1 (charset'language'value) and RFC 2047 §2 (encoded words).
    private static string MakeName(SeededRandom random) => random.Below(4) switch
    {
        0 => $"\"{random.Pick<string>(Fields)}\"",
        1 => HostileHeaders.MakeCharset(random)
            + $"'{random.Pick("", "no", "'")}'{random.Pick("a", "%C3%A6", "%", "%zz", "%ff", "")}",
        2 => $"\"=?{HostileHeaders.MakeCharset(random)}"
            + $"?{random.Pick("B", "Q", "b", "x")}?{random.Pick("QQ==", "a", "*", "")}?=\"",
        _ => random.Pick<string>(Names),
    };
}
