using System.Globalization;

namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>How long a service has taken, in one phase.</summary>
/// <param name="Count">How often it was asked for.</param>
/// <param name="Median">In milliseconds, as the others.</param>
/// <param name="P99">A hundredth takes longer.</param>
/// <param name="Longest">None takes longer.</param>
internal sealed record Figures(int Count, double Median, double P99, double Longest)
{
    public static Figures Of(IEnumerable<double> milliseconds)
    {
        var sorted = milliseconds.Order().ToList();
        return sorted.Count == 0
            ? new Figures(0, 0, 0, 0)
            : new Figures(sorted.Count, sorted[sorted.Count / 2], sorted[sorted.Count * 99 / 100], sorted[^1]);
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Median:F0}/{P99:F0}/{Longest:F0} ms ({Count})");
}

/// <summary>Takes the times of all services; many threads use it.</summary>
internal sealed class ServiceTimes
{
    // Guards _times: each service is measured by a loop of its own.
    private readonly Lock _lock = new();
    private readonly Dictionary<(Service, Phase), List<double>> _times = [];

    public void Add(Service service, Phase phase, TimeSpan time)
    {
        lock (_lock)
        {
            if (!_times.TryGetValue((service, phase), out var times))
            {
                times = _times[(service, phase)] = [];
            }

            times.Add(time.TotalMilliseconds);
        }
    }

    public Figures Of(Service service, Phase phase)
    {
        lock (_lock)
        {
            return Figures.Of(_times.GetValueOrDefault((service, phase), []));
        }
    }

    /// <summary>Forgets everything, for the next round.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _times.Clear();
        }
    }
}
