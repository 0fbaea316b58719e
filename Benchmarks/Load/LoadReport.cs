using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kaffediem.Benchmarks.Load;

/// <summary>What the load client has measured: one line of JSON on its standard output.</summary>
internal sealed record LoadReport
{
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        // What was not measured is NaN.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public required JoinReport Joining { get; init; }

    public MemoryReport? Memory { get; init; }

    public PostReport? Posting { get; init; }

    public HeartbeatReport? Heartbeats { get; init; }

    /// <summary>Processor time the load client itself has used, in seconds.</summary>
    public double ClientCpuSeconds { get; init; }
}

/// <summary>How the subscribers came in.</summary>
/// <param name="Subscribers">How many tried.</param>
/// <param name="Joined">How many have joined.</param>
/// <param name="Failure">Why the first one of the others has not.</param>
/// <param name="Seconds">From the first connect to the last join.</param>
/// <param name="Connect">From a client's connect to its connection.</param>
/// <param name="Join">From a client's connect to the answer to its join.</param>
/// <param name="SlowConnects">How many connects took a second or more: a SYN had to be sent again.</param>
/// <param name="ServerCpuSeconds">What the server used for it.</param>
internal sealed record JoinReport(
    int Subscribers,
    int Joined,
    string? Failure,
    double Seconds,
    Milliseconds Connect,
    Milliseconds Join,
    int SlowConnects,
    double ServerCpuSeconds);

/// <summary>The server's resident memory, in KB.</summary>
/// <param name="BeforeKB">Before the first connection.</param>
/// <param name="JoinedKB">Once all have joined, after a while.</param>
/// <param name="CollectedKB">After a full collection.</param>
internal sealed record MemoryReport(long BeforeKB, long JoinedKB, long CollectedKB);

/// <summary>What became of the changes.</summary>
/// <param name="Answered">How many posts were answered with success.</param>
/// <param name="Refused">How many with something else.</param>
/// <param name="Seconds">From the first post until everyone has everything.</param>
/// <param name="PostsPerSecond">Answers per second, from the first post to the last answer.</param>
/// <param name="Answer">From a post to its answer.</param>
/// <param name="Deliveries">How many changes came to the subscribers, all together.</param>
/// <param name="Expected">How many should have.</param>
/// <param name="DeliveriesPerSecond">All of them by <paramref name="Seconds"/>.</param>
/// <param name="OutOfOrder">How many came in another order than the server's, or twice.</param>
/// <param name="Unnumbered">How many did not tell their number.</param>
/// <param name="First">From a post to the first subscriber.</param>
/// <param name="Last">From a post to the last subscriber.</param>
/// <param name="BytesPerDelivery">As received, headers included.</param>
/// <param name="ServerCpuSeconds">What the server used for all of it.</param>
/// <param name="CpuPerDelivery">The same by delivery, in microseconds.</param>
/// <param name="PeakKB">The server's highest resident memory.</param>
internal sealed record PostReport(
    int Answered,
    int Refused,
    double Seconds,
    double PostsPerSecond,
    Milliseconds Answer,
    long Deliveries,
    long Expected,
    double DeliveriesPerSecond,
    int OutOfOrder,
    int Unnumbered,
    Milliseconds First,
    Milliseconds Last,
    double BytesPerDelivery,
    double ServerCpuSeconds,
    double CpuPerDelivery,
    long PeakKB)
{
    /// <summary>Whether every post was accepted and every subscriber has all of them in one order.</summary>
    public bool IsComplete => HasReachedAll && OutOfOrder == 0;

    /// <summary>The same in whatever order.</summary>
    [JsonIgnore]
    public bool HasReachedAll => Refused == 0 && Deliveries == Expected;
}

/// <summary>Heartbeats answered.</summary>
internal sealed record HeartbeatReport(long Answered, double PerSecond, double CpuPerHeartbeat);
