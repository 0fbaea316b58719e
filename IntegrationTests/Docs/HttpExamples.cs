using System.Net.Http.Headers;
using System.Text;

namespace Kaffediem.IntegrationTests.Docs;

/// <summary>
/// Examples in <c>http</c>: a request, and after a line that begins with <c>HTTP/1.1</c> the answer. The headers shown
/// and the whole body must match.
/// </summary>
internal sealed class HttpExamples(DocRun run)
{
    private const string Data = "data: ";
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
            await RunStreamAsync(example, path, headers, lines[split..]);
            return;
        }

        using var content = Content(body, headers);
        var others = headers.Where(header => header.Name != "Content-Type")
            .Select(header => (header.Name, run.Here(header.Value)));
        var answer = await run.Client.SendAsync(method, run.Here(path), content, [.. others]);
        run.Cookie = answer.Header("Set-Cookie")?.Split(';')[0] ?? run.Cookie;
        Compare(example, split, lines[split..], answer);
    }

    private static (string Head, List<(string Name, string Value)> Headers, string Body) Parse(List<string> lines)
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

    // An event stream: as many lines as are shown, without comments and empty lines.
    private async Task RunStreamAsync(
        DocExample example, string path, List<(string Name, string Value)> headers, List<string> answer)
    {
        Assert.StartsWith("/api/events?", path, StringComparison.Ordinal);
        using var http = new HttpClient { BaseAddress = run.Address };
        var position = headers.Find(header => header.Name == "Last-Event-ID").Value;
        using var stream = await SseClient.OpenAsync(
            http, run.Here(path.Split('?')[1]), position is null ? null : run.Here(position));
        var (head, expectedHeaders, body) = Parse(answer);
        Assert.Equal(head.Split(' ')[1], $"{stream.Status}");
        Assert.All(expectedHeaders, header => Assert.Equal(header.Value, stream.Header(header.Name)));
        foreach (var expected in body.Split('\n').Where(line => line.Length > 0))
        {
            await CompareLineAsync(example, expected, stream);
        }
    }

    private async Task CompareLineAsync(DocExample example, string expected, SseClient stream)
    {
        string? line;
        do
        {
            line = await stream.ReadLineAsync();
        }
        while (line is "" or [':', ..]);

        var actual = run.Documented(line ?? "(the end)");
        var start = expected.StartsWith(Data, StringComparison.Ordinal)
            && actual.StartsWith(Data, StringComparison.Ordinal) ? Data.Length : 0;
        if (run.Blanks.FindDifferenceInOutput(expected[start..], actual[start..]) is { } difference)
        {
            example.Fail(0, $"{difference}, got {actual}");
        }
    }
}
