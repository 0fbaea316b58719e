using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Kaffediem.Protocol;

/// <summary>
/// Logs requests that were refused for their origin: each at Debug, and at Information once per minute and origin, so that
/// a setting that lacks a front end is noticed without a flood of lines. Thread-safe.
/// </summary>
public sealed partial class OriginRefusals
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    // Clients choose their origins: of more than this many a minute the rest is logged at Debug only.
    private const int MaxRemembered = 64;

    private readonly TimeProvider _time;
    private readonly ILogger<OriginRefusals> _logger;

    // Guards _loggedAt, for one look and one entry.
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _loggedAt = new(StringComparer.Ordinal);

    internal OriginRefusals(TimeProvider time, ILogger<OriginRefusals> logger) => (_time, _logger) = (time, logger);

    /// <summary>Logs that a request was refused, or that its page will not be allowed to read the answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="check">The check that does not allow it.</param>
    public void Log(HttpRequest request, OriginCheck check)
    {
        var reason = check.DescribeRefusal(request);
        var level = IsNews(reason) ? LogLevel.Information : LogLevel.Debug;
        LogRefused(level, request.Method, request.Path.Value ?? "", reason);
    }

    private bool IsNews(string reason)
    {
        var now = _time.GetTimestamp();
        lock (_lock)
        {
            if (_loggedAt.TryGetValue(reason, out var before) && _time.GetElapsedTime(before, now) < Quiet)
            {
                return false;
            }

            if (_loggedAt.Count >= MaxRemembered)
            {
                ForgetOld(now);
            }

            if (_loggedAt.Count >= MaxRemembered)
            {
                return false;
            }

            _loggedAt[reason] = now;
            return true;
        }
    }

    private void ForgetOld(long now)
    {
        foreach (var (reason, before) in _loggedAt)
        {
            if (_time.GetElapsedTime(before, now) >= Quiet)
            {
                _loggedAt.Remove(reason);
            }
        }
    }

    [LoggerMessage("REFUSED {Method} {Path}: {Reason}")]
    private partial void LogRefused(LogLevel level, ClientText method, ClientText path, ClientText reason);
}
