namespace Kaffediem.IntegrationTests.Support;

/// <summary>Checks a condition repeatedly, where no event announces it.</summary>
internal static class Polling
{
    private const int PausesAtRest = 25;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <inheritdoc cref="UntilAsync(Func{Task{bool}}, TimeSpan?)"/>
    public static Task UntilAsync(Func<bool> isSo, TimeSpan? patience = null) =>
        UntilAsync(() => Task.FromResult(isSo()), patience);

    /// <exception cref="TimeoutException">The condition has not become true.</exception>
    public static async Task UntilAsync(Func<Task<bool>> isSo, TimeSpan? patience = null)
    {
        var (start, limit) = (TimeProvider.System.GetTimestamp(), patience ?? Patience.Limit);
        while (!await isSo())
        {
            if (TimeProvider.System.GetElapsedTime(start) > limit)
            {
                throw new TimeoutException($"The condition has not become true within {limit}.");
            }

            await Task.Delay(Pause);
        }
    }

    /// <summary>
    /// Waits until a number has stopped changing, for example the bytes that the kernel still moves after a client has
    /// stopped reading.
    /// </summary>
    /// <exception cref="TimeoutException">The number keeps changing.</exception>
    public static Task UntilAtRestAsync(Func<long> number)
    {
        var (last, count) = (number(), 0);
        return UntilAsync(() =>
        {
            var now = number();
            (last, count) = (now, now == last ? count + 1 : 0);
            return count == PausesAtRest;
        });
    }
}
