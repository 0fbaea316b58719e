using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Support;

/// <summary>For what only ends after some time that begins at a moment which only the server, or the kernel, knows.</summary>
internal static class VirtualTime
{
    /// <summary>Lets time pass, step by step, until something is done.</summary>
    /// <returns>How much has passed.</returns>
    public static async Task<TimeSpan> AdvanceUntilAsync(this FakeTimeProvider time, TimeSpan step, Task done)
    {
        var begun = time.GetUtcNow();
        while (!done.IsCompleted)
        {
            time.Advance(step);
            // The server gets a moment to do what is due, and to set its next timer.
            await Task.WhenAny(done, Task.Delay(10));
        }

        await done;
        return time.GetUtcNow() - begun;
    }
}
