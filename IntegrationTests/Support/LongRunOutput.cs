namespace Kaffediem.IntegrationTests.Support;

/// <summary>Progress of a long test.</summary>
internal static class LongRunOutput
{
    /// <summary>
    /// Writes to the console, too, as a test's output is only shown when it fails: progress and the seed stay visible
    /// if the run is killed.
    /// </summary>
    /// <param name="output">The test's output.</param>
    /// <param name="test">The test's name on the console.</param>
    /// <param name="what">The text.</param>
    public static void Report(this ITestOutputHelper output, string test, string what)
    {
        output.WriteLine(what);
        Console.WriteLine($"{test} test: {what}");
    }
}
