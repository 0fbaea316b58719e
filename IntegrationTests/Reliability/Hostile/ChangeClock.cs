using System.Diagnostics;

namespace Kaffediem.IntegrationTests.Reliability.Hostile;

/// <summary>Takes the time from one write to each of those that are told of it.</summary>
internal sealed class ChangeClock
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Guards the rest: readers come from many threads.
    private readonly Lock _lock = new();
    private List<double> _milliseconds = [];
    private TaskCompletionSource _all = new();
    private long _start;
    private int _missing;

    /// <summary>A write begins.</summary>
    /// <param name="readers">How many will be told.</param>
    public void Start(int readers)
    {
        lock (_lock)
        {
            (_start, _missing) = (Stopwatch.GetTimestamp(), readers);
            _all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>One of them was told.</summary>
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

    /// <summary>Waits until all were told.</summary>
    public Task AllAsync() => _all.Task.WaitAsync(Patience);

    /// <summary>All times since this was asked last, in milliseconds, the shortest first.</summary>
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
