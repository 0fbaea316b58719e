using System.Globalization;

namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>The time a service may take while strangers attack, and after they have gone.</summary>
/// <param name="Service">The service.</param>
/// <param name="Noise">How slow a quiet server may be on a machine with other work, in milliseconds.</param>
/// <param name="Always">No request may take longer, in milliseconds.</param>
internal sealed record ServiceBound(Service Service, double Noise, double Always)
{
    private const double MostTimes = 5;

    public static readonly IReadOnlyList<ServiceBound> All =
    [
        new(Service.Order, Noise: 250, Always: 1000),
        new(Service.Health, Noise: 250, Always: 1000),
        new(Service.SignIn, Noise: 2500, Always: 5000),
        new(Service.Join, Noise: 2500, Always: 5000),
    ];

    /// <summary>An exceeded bound; <c>null</c>: none.</summary>
    /// <param name="times">The times of one round.</param>
    /// <param name="isStrict">
    /// Whether the slowest requests count; on a machine with other work only the median means anything.
    /// </param>
    public static string? Excess(ServiceTimes times, bool isStrict) => All
        .SelectMany(
            bound => new[] { Phase.Attacked, Phase.After }, (bound, phase) => bound.Excess(times, phase, isStrict))
        .FirstOrDefault(excess => excess is not null);

    private string? Excess(ServiceTimes times, Phase phase, bool isStrict)
    {
        var (quiet, now) = (times.Of(Service, Phase.Quiet), times.Of(Service, phase));
        var most = Math.Max(MostTimes * quiet.P99, Noise);
        return (isStrict ? now.P99 : now.Median) > most ? Say($"more than {most:F0} ms")
            : isStrict && now.Longest > Always ? Say($"one took more than {Always:F0} ms")
            : null;

        string Say(FormattableString what) =>
            $"{Service}, {phase}: {now}, quiet {quiet}: {what.ToString(CultureInfo.InvariantCulture)}";
    }
}
