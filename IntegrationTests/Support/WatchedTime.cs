using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Support;

/// <summary>Virtual time that reports when a timer is started: only then is it useful to advance it.</summary>
internal sealed class WatchedTime : FakeTimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<(TimeSpan DueTime, TaskCompletionSource Made)> _awaited = [];

    /// <summary>Completes with the next timer of a duration that starts from now on.</summary>
    public Task NextTimerAsync(TimeSpan dueTime)
    {
        var made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _awaited.Add((dueTime, made));
        }

        return made.Task.WaitAsync(Patience.Limit);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        lock (_lock)
        {
            _awaited.Where(awaited => awaited.DueTime == dueTime)
                .ToList()
                .ForEach(awaited => awaited.Made.TrySetResult());
            _awaited.RemoveAll(awaited => awaited.DueTime == dueTime);
        }

        return timer;
    }
}
