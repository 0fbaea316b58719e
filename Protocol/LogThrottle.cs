namespace Kaffediem.Protocol;

/// <summary>
/// Keeps clients from filling the log: of each kind of line it allows a few a minute, and counts the others for the next
/// line of that kind. Thread-safe.
/// </summary>
/// <param name="time">What a minute is measured by.</param>
/// <param name="linesPerMinute">How many lines of one kind are allowed in a minute that begins with the first of them.</param>
public sealed class LogThrottle(TimeProvider time, int linesPerMinute = 1)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // Clients may choose the kinds: of more than this many a minute, the rest is not logged.
    private const int MaxKinds = 64;

    // Guards _kinds, for one look and one change; nothing is logged under it.
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Lines> _kinds = new(StringComparer.Ordinal);

    /// <summary>Whether a line may be logged now.</summary>
    /// <param name="kind">What the line is about. Lines of different kinds do not count against each other.</param>
    /// <param name="leftOut">How many lines of this kind were not allowed since the last one that was.</param>
    public bool TryTake(string kind, out int leftOut)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            leftOut = 0;
            if (_kinds.TryGetValue(kind, out var lines) && IsRecent(lines, now))
            {
                var isAllowed = lines.Allowed < linesPerMinute;
                _kinds[kind] = isAllowed
                    ? lines with { Allowed = lines.Allowed + 1 }
                    : lines with { LeftOut = lines.LeftOut + 1 };
                return isAllowed;
            }

            if (lines is null && !HasRoom(now))
            {
                return false;
            }

            leftOut = lines?.LeftOut ?? 0;
            _kinds[kind] = new Lines(now, Allowed: 1, LeftOut: 0);
            return true;
        }
    }

    /// <summary>Whether a line may be logged now, where nothing distinguishes one from another.</summary>
    /// <inheritdoc cref="TryTake(string, out int)"/>
    public bool TryTake(out int leftOut) => TryTake("", out leftOut);

    private bool IsRecent(Lines lines, long now) => time.GetElapsedTime(lines.Began, now) < Minute;

    private bool HasRoom(long now)
    {
        if (_kinds.Count < MaxKinds)
        {
            return true;
        }

        foreach (var (kind, lines) in _kinds)
        {
            if (!IsRecent(lines, now))
            {
                _kinds.Remove(kind);
            }
        }

        return _kinds.Count < MaxKinds;
    }

    private sealed record Lines(long Began, int Allowed, int LeftOut);
}
