namespace Kaffediem.IntegrationTests.Support;

/// <summary>What a long test says of itself.</summary>
internal static class LongRunOutput
{
    /// <summary>
    /// Also where a test's output is only shown when it fails: how far it is, and the seed, if it is killed.
    /// </summary>
    /// <param name="output">The test's.</param>
    /// <param name="test">What it is called there.</param>
    /// <param name="what">What to say.</param>
    public static void Tell(this ITestOutputHelper output, string test, string what)
    {
        output.WriteLine(what);
        Console.WriteLine($"{test} test: {what}");
    }
}
