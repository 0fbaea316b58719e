using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Support;

/// <summary>For timeouts that start at a moment that only the server or the kernel knows.</summary>
internal static class VirtualTime
{
    /// <summary>Advances the time step by step until a task has completed.</summary>
    /// <returns>
    /// How much time has passed. The test may notice the end late, so only a lower bound can be asserted.
    /// </returns>
    /// <exception cref="TimeoutException">
    /// It has not completed within <see cref="Patience.Limit"/> of real time.
    /// </exception>
    public static async Task<TimeSpan> AdvanceUntilAsync(this FakeTimeProvider time, TimeSpan step, Task done)
    {
        var elapsed = await time.AdvanceUntilAsync(step, () => done.IsCompleted);
        await done;
        return elapsed;
    }

    /// <summary>
    /// Advances the time step by step until a condition holds. The server's timers fire inside a step, so their
    /// immediate effects are noticed at once, and an upper bound can be asserted, too.
    /// </summary>
    /// <returns>How much time has passed.</returns>
    /// <exception cref="TimeoutException">It does not hold after <see cref="Patience.Limit"/> of real time.</exception>
    public static async Task<TimeSpan> AdvanceUntilAsync(this FakeTimeProvider time, TimeSpan step, Func<bool> isSo)
    {
        var begun = time.GetUtcNow();
        await Polling.UntilAsync(
            () =>
            {
                if (isSo())
                {
                    return true;
                }

                time.Advance(step);
                return isSo();
            });
        return time.GetUtcNow() - begun;
    }
}
