namespace Kaffediem.IntegrationTests.Docs;

/// <summary>Examples of event streams: reads as many lines as are shown, skipping comments and empty lines.</summary>
internal static class EventExamples
{
    private const string Data = "data: ";

    public static async Task RunAsync(
        DocRun run, DocExample example, string path, List<(string Name, string Value)> headers, List<string> answer)
    {
        Assert.StartsWith("/api/events?", path, StringComparison.Ordinal);
        using var http = new HttpClient { BaseAddress = run.Address };
        var position = headers.Find(header => header.Name == "Last-Event-ID").Value;
        using var stream = await SseClient.OpenAsync(
            http, run.Here(path.Split('?')[1]), position is null ? null : run.Here(position));
        var (head, expectedHeaders, body) = HttpExamples.Parse(answer);
        Assert.Equal(head.Split(' ')[1], $"{stream.Status}");
        Assert.All(expectedHeaders, header => Assert.Equal(header.Value, stream.Header(header.Name)));
        foreach (var expected in body.Split('\n').Where(line => line.Length > 0))
        {
            await CompareAsync(run, example, expected, stream);
        }
    }

    private static async Task CompareAsync(DocRun run, DocExample example, string expected, SseClient stream)
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
