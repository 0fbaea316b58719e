using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Docs;

/// <summary>Examples of event streams: reads as many lines as are shown, skipping comments and empty lines.</summary>
internal static class EventExamples
{
    private const string Data = "data: ";

    public static async Task RunAsync(
        DocRun run, DocExample example, string path, List<(string Name, string Value)> headers, List<string> answer)
    {
        using var timeout = new CancellationTokenSource(Patience.Limit);
        using var http = new HttpClient { BaseAddress = run.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, run.Here(path));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, run.Here(value));
        }

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
        var (head, expectedHeaders, body) = HttpExamples.Parse(answer);
        Assert.Equal(head.Split(' ')[1], $"{(int)response.StatusCode}");
        var all = response.Headers.Concat(response.Content.Headers)
            .ToLookup(header => header.Key, header => string.Join(", ", header.Value));
        Assert.All(expectedHeaders, header => Assert.Equal(header.Value, all[header.Name].Single()));
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(timeout.Token));
        foreach (var expected in body.Split('\n').Where(line => line.Length > 0))
        {
            await CompareAsync(run, example, expected, reader, timeout.Token);
        }
    }

    private static async Task CompareAsync(
        DocRun run, DocExample example, string expected, StreamReader reader, CancellationToken cancellationToken)
    {
        string? line;
        do
        {
            line = await reader.ReadLineAsync(cancellationToken);
        }
        while (line is "" or [':', ..]);

        var actual = run.Documented(line ?? "(the end)");
        var isData = expected.StartsWith(Data, StringComparison.Ordinal)
            && actual.StartsWith(Data, StringComparison.Ordinal);
        var difference = isData
            ? run.Blanks.FindDifference(expected[Data.Length..], actual[Data.Length..])
            : run.Blanks.Fits(expected, actual) ? null
            : $"expected {expected}";
        if (difference is not null)
        {
            example.Fail(0, $"{difference}, got {actual}");
        }
    }
}
