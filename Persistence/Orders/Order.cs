using Kaffediem.Persistence.Transactions;

namespace Kaffediem.Persistence.Orders;

/// <summary>An order. Its items have the names and prices of the moment when it was placed.</summary>
public sealed record Order : IRecord
{
    /// <summary>The row's id, from 1.</summary>
    public required long Id { get; init; }

    /// <summary>Unique; chosen by the client that placed the order, or by the server.</summary>
    public required string Uuid { get; init; }

    /// <summary>The customer's user id, which need not exist; <see langword="null"/> for none.</summary>
    public required long? CustomerId { get; init; }

    /// <summary>The number that is called out, from 101 on every day of the shop (<see cref="DayNumber"/>).</summary>
    public required long DayId { get; init; }

    /// <summary>One of <see cref="OrderState.All"/>.</summary>
    public required string State { get; init; }

    /// <summary>Whether the kitchen has to ask.</summary>
    public required bool MissingInformation { get; init; }

    /// <summary>The lines, in the order they were given.</summary>
    public required IReadOnlyList<OrderItem> Items { get; init; }

    /// <summary>Kroner, the sum of the lines' totals; <see langword="null"/> if one of them is unknown.</summary>
    public double? Total => OrderPrice.Of(Items);

    /// <summary><see cref="Created"/> as Kaffebase writes it: UTC without a zone, <c>2026-11-23T12:57:01</c>.</summary>
    public string InsertedAt => Timestamp.ToSeconds(Created);

    /// <summary><see cref="Updated"/> as Kaffebase writes it.</summary>
    public string UpdatedAt => Timestamp.ToSeconds(Updated);

    /// <summary>
    /// When it was placed, UTC, <c>2026-11-23T12:57:01.250Z</c>; without milliseconds if Kaffebase wrote it. It has a
    /// zone because browsers read a time without one as local.
    /// </summary>
    public required string Created { get; init; }

    /// <summary>When it was last changed, in the same form.</summary>
    public required string Updated { get; init; }
}

/// <summary>The states of an order. Any state may follow any other.</summary>
public static class OrderState
{
    /// <summary>The state of a new order.</summary>
    public const string Received = "received";

    /// <summary>All states.</summary>
    public static IReadOnlyList<string> All { get; } = [Received, "production", "completed", "dispatched"];
}
