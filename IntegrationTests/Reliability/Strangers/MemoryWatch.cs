using Kaffediem.IntegrationTests.Shop.Servers;

namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>Samples a process's memory.</summary>
internal sealed class MemoryWatch(int process)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // Guards _most: the loop raises it, and the test takes it.
    private readonly Lock _lock = new();
    private long _most;

    /// <summary>The maximum since the last call, in bytes.</summary>
    public long TakeMost()
    {
        Look();
        lock (_lock)
        {
            var most = _most;
            _most = 0;
            return most;
        }
    }

    public async Task RunAsync(CancellationToken stop)
    {
        while (await Task.WhenAny(Task.Delay(Pause, stop)) is { IsCompletedSuccessfully: true })
        {
            Look();
        }
    }

    private void Look()
    {
        var now = ProcessState.ReadResident(process);
        lock (_lock)
        {
            _most = Math.Max(_most, now);
        }
    }
}
