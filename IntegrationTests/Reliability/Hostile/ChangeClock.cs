using System.Diagnostics;

namespace Kaffediem.IntegrationTests.Reliability.Hostile;

/// <summary>Measures the time from a write until each reader has received it.</summary>
internal sealed class ChangeClock
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Guards the fields below: readers run on many threads.
    private readonly Lock _lock = new();
    private List<double> _milliseconds = [];
    private TaskCompletionSource _all = new();
    private long _start;
    private int _missing;

    /// <summary>A write begins.</summary>
    /// <param name="readers">How many readers will receive it.</param>
    public void Start(int readers)
    {
        lock (_lock)
        {
            (_start, _missing) = (Stopwatch.GetTimestamp(), readers);
            _all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>A reader has received it.</summary>
    public void Arrive()
    {
        var now = Stopwatch.GetTimestamp();
        lock (_lock)
        {
            _milliseconds.Add(Stopwatch.GetElapsedTime(_start, now).TotalMilliseconds);
            if (--_missing == 0)
            {
                _all.SetResult();
            }
        }
    }

    /// <summary>Waits until all readers have received it.</summary>
    public Task AllAsync() => _all.Task.WaitAsync(Patience);

    /// <summary>Takes all times since the last call, in milliseconds, in ascending order.</summary>
    public List<double> Take()
    {
        lock (_lock)
        {
            var taken = _milliseconds;
            _milliseconds = [];
            taken.Sort();
            return taken;
        }
    }
}
