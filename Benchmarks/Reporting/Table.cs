using System.Globalization;

namespace Kaffediem.Benchmarks.Reporting;

/// <summary>The results as a Markdown table, aligned so that it is readable as plain text.</summary>
internal static class Table
{
    private static readonly string[] Head = ["what", "ratio", "target", "met", "Kaffediem", "compared with"];

    public static string Of(IEnumerable<Result> results)
    {
        List<string[]> rows = [Head, .. results.Select(Row)];
        var widths = Head.Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        rows.Insert(1, [.. widths.Select(width => new string('-', width))]);
        return string.Join('\n', rows.Select(row => $"| {string.Join(" | ", row.Select(Padded))} |"));

        string Padded(string text, int column) => text.PadRight(widths[column]);
    }

    private static string[] Row(Result result) =>
    [
        result.What,
        result.Ratio is { } ratio ? ratio.ToString("0.00", CultureInfo.InvariantCulture) : "",
        result.Target?.ToString() ?? "",
        result.IsMet switch { true => "yes", false => "no", null => "" },
        $"{Number(result.Figure)} {result.Unit}",
        result.Peer is null ? "" : $"{result.Peer}: {Number(result.PeerFigure ?? 0)} {result.Unit}",
    ];

    private static string Number(double number) =>
        number.ToString(Math.Abs(number) >= 100 ? "#,0" : "0.##", CultureInfo.InvariantCulture);
}
