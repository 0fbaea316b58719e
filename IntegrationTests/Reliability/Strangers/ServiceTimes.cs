using System.Collections.Concurrent;
using System.Globalization;

namespace Kaffediem.IntegrationTests.Reliability.Strangers;

/// <summary>A phase of a round.</summary>
internal enum Phase
{
    /// <summary>Before the measurement: code is compiled and buffers are allocated.</summary>
    Warming,

    Quiet,
    Attacked,

    /// <summary>The attackers have gone.</summary>
    After,
}

/// <summary>What the shop's own people request all the time.</summary>
internal enum Service
{
    /// <summary>A till places an order.</summary>
    Order,

    /// <summary>A load balancer asks for the server's health.</summary>
    Health,

    /// <summary>An administrator signs in.</summary>
    SignIn,

    /// <summary>A member of the staff opens the page of today's orders.</summary>
    Join,
}

/// <summary>The times of a service in one phase.</summary>
/// <param name="Count">How many requests.</param>
/// <param name="Median">In milliseconds, as the others.</param>
/// <param name="P99">The 99th percentile.</param>
/// <param name="Longest">The maximum.</param>
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

/// <summary>The times of all services. Thread-safe.</summary>
internal sealed class ServiceTimes
{
    private readonly ConcurrentDictionary<(Service, Phase), ConcurrentQueue<double>> _times = [];

    public void Add(Service service, Phase phase, TimeSpan time) =>
        _times.GetOrAdd((service, phase), _ => []).Enqueue(time.TotalMilliseconds);

    public Figures Of(Service service, Phase phase) => Figures.Of(_times.GetValueOrDefault((service, phase), []));

    /// <summary>Clears all times, for the next round.</summary>
    public void Clear() => _times.Clear();
}
