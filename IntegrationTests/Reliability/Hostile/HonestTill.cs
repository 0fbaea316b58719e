using Kaffediem.IntegrationTests.Shop;
using Kaffediem.IntegrationTests.Shop.Tills;

namespace Kaffediem.IntegrationTests.Reliability.Hostile;

/// <summary>
/// A till that writes all the time, and to which it is a fault if a write is not answered as it should be.
/// </summary>
internal sealed class HonestTill(Till till, Faults faults)
{
    // As busy as a shop ever is: the machine has others to serve.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private volatile TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _written;

    /// <summary>How many writes were answered.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Writes until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                Assert.True(await till.WriteAsync(), $"{till.InDoubt} was not answered");
                Interlocked.Increment(ref _written);
                Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
                await Task.WhenAny(Task.Delay(Pause, stop));
            }
        }
        catch (Exception exception)
        {
            faults.Add($"a till: {exception.Message}");
        }
    }

    /// <summary>Waits until a write that is begun from now on has been answered.</summary>
    public async Task GetOnAsync()
    {
        await _next.Task.WaitAsync(Patience); // this one may have been answered already, and only not been told
        await _next.Task.WaitAsync(Patience);
    }
}
