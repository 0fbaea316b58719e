namespace Kaffediem.IntegrationTests.Support;

/// <summary>Looks again and again, where nothing tells that something has happened.</summary>
internal static class Polling
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <exception cref="TimeoutException">It does not become so.</exception>
    public static async Task UntilAsync(Func<bool> isSo)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Patience)
            {
                throw new TimeoutException("It has not become so.");
            }

            await Task.Delay(Pause);
        }
    }
}
