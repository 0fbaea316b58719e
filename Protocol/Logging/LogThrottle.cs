using System.Net;

namespace Kaffediem.Protocol;

/// <summary>
/// Keeps clients from filling the log: allows a few lines of each kind a minute, and counts the others for the next
/// line of that kind. Thread-safe.
/// </summary>
/// <param name="time">Measures the minutes.</param>
/// <param name="linesPerMinute">
/// How many lines of one kind are allowed in a minute that begins with the first of them.
/// </param>
public sealed class LogThrottle(TimeProvider time, int linesPerMinute = 1)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // Clients may choose the kinds: beyond this many in a minute, further kinds are not logged.
    private const int MaxKinds = 64;

    // So that a client that invents kinds does not hide those of others.
    private const int MaxKindsPerNetwork = 8;

    // Guards _kinds, for one look and one change; nothing is logged under it.
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Lines> _kinds = new(StringComparer.Ordinal);

    /// <summary>Whether a line may be logged now.</summary>
    /// <param name="kind">The kind of line. Each kind has its own limit.</param>
    /// <param name="leftOut">How many lines of this kind were not allowed since the last one that was.</param>
    public bool Allows(string kind, out int leftOut) => Allows(kind, client: null, out leftOut);

    /// <summary>Whether a line may be logged now, where clients choose the kinds.</summary>
    /// <param name="kind">The kind of line. Each kind has its own limit.</param>
    /// <param name="client">
    /// The address of the client that chose it: of each address, or /64 network of IPv6, only a few kinds are logged in
    /// a minute. Or <see langword="null"/>: that is not limited.
    /// </param>
    /// <param name="leftOut">How many lines of this kind were not allowed since the last one that was.</param>
    public bool Allows(string kind, IPAddress? client, out int leftOut)
    {
        var network = ClientNetwork.Of(client);
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

            if (!HasShare(network, now) || (lines is null && !HasRoom(now)))
            {
                return false;
            }

            leftOut = lines?.LeftOut ?? 0;
            _kinds[kind] = new Lines(now, network, Allowed: 1, LeftOut: 0);
            return true;
        }
    }

    /// <summary>Whether a line may be logged now, where nothing distinguishes one from another.</summary>
    /// <inheritdoc cref="Allows(string, out int)"/>
    public bool Allows(out int leftOut) => Allows("", out leftOut);

    /// <summary>Whether a failure may be logged now. Failures of one type at one place are of one kind.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="leftOut">How many of this kind were not allowed since the last one that was.</param>
    public bool Allows(Exception failure, out int leftOut) => Allows(KindOf(failure), out leftOut);

    // The place is the innermost method, and the innermost one that is not .NET's.
    private static string KindOf(Exception failure)
    {
        var cause = failure.GetBaseException();
        var frames = cause.StackTrace?.Split('\n') ?? [];
        var own = Array.Find(frames, frame => !frame.Contains(" System.", StringComparison.Ordinal)
            && !frame.Contains(" Microsoft.", StringComparison.Ordinal));
        return $"{cause.GetType()} {frames.FirstOrDefault()} {own}";
    }

    private bool IsRecent(Lines lines, long now) => time.GetElapsedTime(lines.Began, now) < Minute;

    private bool HasShare(IPAddress? network, long now) => network is null
        || _kinds.Values.Count(lines => network.Equals(lines.Network) && IsRecent(lines, now)) < MaxKindsPerNetwork;

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

    private sealed record Lines(long Began, IPAddress? Network, int Allowed, int LeftOut);
}
