namespace Kaffediem.Persistence.Writing;

/// <summary>
/// Lets a log line through at most once a minute and counts the others, because clients could cause many. Thread-safe.
/// </summary>
internal sealed class LogPause(TimeProvider time)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // Guards both fields, so that reading and changing them is one step.
    private readonly Lock _lock = new();
    private long? _last;
    private long _keptBack;

    /// <summary>Whether the line may be logged now.</summary>
    /// <param name="keptBack">How many lines were held back since the last one.</param>
    public bool TryTake(out long keptBack)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            keptBack = _keptBack;
            if (_last is { } last && time.GetElapsedTime(last, now) < Minute)
            {
                _keptBack++;
                return false;
            }

            (_last, _keptBack) = (now, 0);
            return true;
        }
    }
}
