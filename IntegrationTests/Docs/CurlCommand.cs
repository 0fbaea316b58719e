using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Docs;

/// <summary>
/// The part of <c>curl</c> that the docs use: <c>-X -H -d -F -b -c -i -s</c>. A status of 400 or more is a failure.
/// </summary>
internal sealed partial class CurlCommand
{
    // The cookie jars, by their file's path.
    private static readonly ConcurrentDictionary<string, CookieContainer> Jars = [];

    private readonly List<(string Name, string Value)> _headers = [];
    private readonly List<string> _fields = [];
    private string? _method;
    private string? _data;
    private string? _jar;
    private string _url = "";
    private bool _showsHead;

    public static CurlCommand? Read(string text)
    {
        var words = WordPattern.Matches(text.Replace("\\\n", " ", StringComparison.Ordinal))
            .Select(match => match.Value.Trim('\'', '"')).ToArray();
        if (words[0] != "curl")
        {
            return null;
        }

        var command = new CurlCommand();
        for (var i = 1; i < words.Length; i++)
        {
            i += command.Parse(words[i], words.ElementAtOrDefault(i + 1) ?? "");
        }

        return command;
    }

    /// <summary>Sends the request and returns the output that curl would print.</summary>
    public async Task<string> RunAsync(string folder)
    {
        var cookies = _jar is null
            ? new CookieContainer()
            : Jars.GetOrAdd(Path.Combine(folder, _jar), _ => new CookieContainer());
        using var http = new HttpClient(new SocketsHttpHandler { CookieContainer = cookies });
        using var content = Content(folder);
        var method = new HttpMethod(_method ?? (content is null ? "GET" : "POST"));
        using var request = new HttpRequestMessage(method, _url) { Content = content };
        foreach (var (name, value) in _headers.Where(header => header.Name != "Content-Type"))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await http.SendAsync(request);
        var answer = await RestAnswer.ReadAsync(response);
        Assert.True(answer.Status < 400, $"{request.Method} {_url}: {answer.Status} {answer.Text}");
        return _showsHead
            ? $"HTTP/1.1 {answer.Status} {response.ReasonPhrase}\n{response.Headers}{response.Content.Headers}\n"
                .Replace("\r", "", StringComparison.Ordinal) + answer.Text
            : answer.Text;
    }

    /// <returns>The number of further words that belong to this one.</returns>
    private int Parse(string word, string next)
    {
        switch (word)
        {
            case "-X":
                _method = next;
                return 1;
            case "-H":
                var header = next.Split(": ", 2);
                _headers.Add((header[0], header[1]));
                return 1;
            case "-d":
                _data = next;
                return 1;
            case "-F":
                _fields.Add(next);
                return 1;
            case "-b" when next.Contains('='):
                _headers.Add(("Cookie", next));
                return 1;
            case "-b" or "-c":
                _jar = next;
                return 1;
            case "-i":
                _showsHead = true;
                return 0;
            case "-s":
                return 0;
            default:
                Assert.False(word.StartsWith('-'), $"curl {word}: CurlCommand does not support it");
                _url = word;
                return 0;
        }
    }

    private HttpContent? Content(string folder)
    {
        if (_data is not null)
        {
            var type = _headers.Find(header => header.Name == "Content-Type").Value
                ?? "application/x-www-form-urlencoded";
            return new StringContent(_data, Encoding.UTF8, type);
        }

        if (_fields.Count == 0)
        {
            return null;
        }

        var form = new MultipartFormDataContent();
        foreach (var field in _fields.Select(field => field.Split('=', 2)))
        {
            if (field[1] is ['@', .. var file])
            {
                form.Add(new ByteArrayContent(File.ReadAllBytes(Path.Combine(folder, file))), field[0], file);
            }
            else
            {
                form.Add(new StringContent(field[1]), field[0]);
            }
        }

        return form;
    }

    [GeneratedRegex("""'[^']*'|"[^"]*"|\S+""")]
    private static partial Regex WordPattern { get; }
}
