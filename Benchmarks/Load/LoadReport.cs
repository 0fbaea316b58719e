using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kaffediem.Benchmarks.Load;

/// <summary>The measurements of the load client: one line of JSON on its standard output.</summary>
internal sealed record LoadReport
{
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        // A figure that was not measured is NaN.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public required JoinReport Joining { get; init; }

    public MemoryReport? Memory { get; init; }

    public PostReport? Posting { get; init; }

    public HeartbeatReport? Heartbeats { get; init; }

    /// <summary>Processor time that the load client itself used, in seconds.</summary>
    public double ClientCpuSeconds { get; init; }
}

/// <summary>The result of connecting and joining.</summary>
/// <param name="Subscribers">The number of clients that tried.</param>
/// <param name="Joined">The number that joined.</param>
/// <param name="Failure">Why the first of the others failed.</param>
/// <param name="Seconds">The time from the first connect to the last join.</param>
/// <param name="Connect">The time from a client's connect to its connection.</param>
/// <param name="Join">The time from a client's connect to the reply to its join.</param>
/// <param name="SlowConnects">The number of connects that took a second or more, because of a repeated SYN.</param>
/// <param name="ServerCpuSeconds">The processor time of the server.</param>
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
/// <param name="JoinedKB">Some time after all have joined.</param>
/// <param name="CollectedKB">After a full collection.</param>
internal sealed record MemoryReport(long BeforeKB, long JoinedKB, long CollectedKB);

/// <summary>The result of posting changes.</summary>
/// <param name="Answered">The number of posts that succeeded.</param>
/// <param name="Refused">The number of posts with any other response.</param>
/// <param name="Seconds">The time from the first post until every subscriber has every change.</param>
/// <param name="PostsPerSecond">Responses per second, from the first post to the last response.</param>
/// <param name="Answer">The time from a post to its response.</param>
/// <param name="Deliveries">The number of changes received, summed over the subscribers.</param>
/// <param name="Expected">The number that they should have received.</param>
/// <param name="DeliveriesPerSecond"><paramref name="Deliveries"/> divided by <paramref name="Seconds"/>.</param>
/// <param name="OutOfOrder">The number received in another order than the server's, or twice.</param>
/// <param name="Unnumbered">The number received without a readable seq.</param>
/// <param name="First">The time from a post until the first subscriber has the change.</param>
/// <param name="Last">The time from a post until the last subscriber has the change.</param>
/// <param name="BytesPerDelivery">As received, headers included.</param>
/// <param name="ServerCpuSeconds">The processor time of the server for all of it.</param>
/// <param name="CpuPerDelivery">The same per delivery, in microseconds.</param>
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
    /// <summary>Whether every post was accepted and every subscriber received all changes in order.</summary>
    public bool IsComplete => HasReachedAll && OutOfOrder == 0;

    /// <summary>The same, in any order.</summary>
    [JsonIgnore]
    public bool HasReachedAll => Refused == 0 && Deliveries == Expected;
}

/// <summary>The number and rate of answered heartbeats.</summary>
internal sealed record HeartbeatReport(long Answered, double PerSecond, double CpuPerHeartbeat);
