using System.Net.Http.Headers;
using System.Text;

namespace Kaffediem.IntegrationTests.Docs;

/// <summary>
/// Examples in <c>http</c>: a request, and after a line that begins with <c>HTTP/1.1</c> the answer. The headers shown
/// and the whole body must match.
/// </summary>
internal sealed class HttpExamples(DocRun run)
{
    private const string AnswerMark = "HTTP/1.1 ";

    public async Task RunAsync(DocExample example)
    {
        var lines = example.Lines.ToList();
        var split = lines.FindIndex(line => line.StartsWith(AnswerMark, StringComparison.Ordinal));
        if (split < 0)
        {
            example.Fail(0, "there is no answer");
        }

        var (head, headers, body) = Parse(lines[..split]);
        var (method, path) = head.Split(' ') is [var first, var second] ? (first, second) : ("", "");
        if (headers.Any(header => header == ("Accept", "text/event-stream")))
        {
            await EventExamples.RunAsync(run, example, path, headers, lines[split..]);
            return;
        }

        using var content = Content(body, headers);
        var others = headers.Where(header => header.Name != "Content-Type")
            .Select(header => (header.Name, run.Here(header.Value)));
        var answer = await run.Client.SendAsync(method, run.Here(path), content, [.. others]);
        run.Cookie = answer.Header("Set-Cookie")?.Split(';')[0] ?? run.Cookie;
        Compare(example, split, lines[split..], answer);
    }

    internal static (string Head, List<(string Name, string Value)> Headers, string Body) Parse(List<string> lines)
    {
        var blank = lines.IndexOf("");
        var head = blank < 0 ? lines : lines[..blank];
        var headers = head.Skip(1).Select(line => line.Split(": ", 2)).Select(parts => (parts[0], parts[1])).ToList();
        return (head[0], headers, blank < 0 ? "" : string.Join('\n', lines[(blank + 1)..]).Trim());
    }

    private StringContent? Content(string body, List<(string Name, string Value)> headers)
    {
        var type = headers.Find(header => header.Name == "Content-Type").Value ?? "application/json";
        var text = run.Here(body);
        // RFC 2046 §4.1.1: the parts of a form end their lines with CRLF.
        var sent = type.StartsWith("multipart/", StringComparison.Ordinal)
            ? text.ReplaceLineEndings("\r\n") + "\r\n"
            : text;
        return body.Length == 0 ? null
            : new StringContent(sent, Encoding.UTF8) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };
    }

    private void Compare(DocExample example, int start, List<string> expected, RestAnswer answer)
    {
        var (head, headers, body) = Parse(expected);
        var said = $"{answer.Status}: {answer.Text}";
        if (head.Split(' ')[1] != $"{answer.Status}")
        {
            example.Fail(start, $"expected {head}, got {said}");
        }

        foreach (var (name, value) in headers)
        {
            var actual = Array.ConvertAll(answer.Values(name), run.Documented);
            if (!actual.Any(one => run.Blanks.Fits(value, one)))
            {
                example.Fail(start, $"expected {name}: {value}, got \"{string.Join("\", \"", actual)}\"");
            }
        }

        var actualBody = run.Documented(answer.Text);
        if (run.Blanks.FindDifferenceInOutput(body, actualBody) is { } difference)
        {
            example.Fail(start, $"{difference}, in {run.Documented(said)}");
        }
    }
}
