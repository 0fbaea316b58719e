using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;

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

/// <summary>An order to be placed.</summary>
public sealed record OrderDraft
{
    /// <summary>The client's choice, lower case; <see langword="null"/> for a new one.</summary>
    public string? Uuid { get; init; }

    /// <inheritdoc cref="Order.CustomerId"/>
    public long? CustomerId { get; init; }

    /// <inheritdoc cref="Order.State"/>
    public string State { get; init; } = OrderState.Received;

    /// <inheritdoc cref="Order.MissingInformation"/>
    public bool MissingInformation { get; init; }

    /// <summary>An order to be placed.</summary>
    public required IReadOnlyList<OrderLine> Lines { get; init; }
}

/// <summary>An item that is ordered.</summary>
public sealed record OrderLine(long ItemId, IReadOnlyList<OrderChoice> Choices);

/// <summary>
/// Values chosen of a key. If <see cref="Catalog.CustomizationKey.MultipleChoice"/> allows several, the same key and
/// the same value may come several times.
/// </summary>
public sealed record OrderChoice(long KeyId, IReadOnlyList<long> ValueIds);

/// <summary>What to change of an order.</summary>
public sealed record OrderPatch
{
    /// <inheritdoc cref="Order.State"/>
    public Optional<string> State { get; init; }

    /// <inheritdoc cref="Order.MissingInformation"/>
    public Optional<bool> MissingInformation { get; init; }

    /// <inheritdoc cref="Order.CustomerId"/>
    public Optional<long?> CustomerId { get; init; }

    /// <summary>Replaces the lines, taken as they are: nothing is looked up.</summary>
    public Optional<IReadOnlyList<OrderItem>> Items { get; init; }
}

/// <summary>An error in a line of an order.</summary>
/// <param name="Line">The line's index, from 0.</param>
/// <param name="Choice">The choice's index in the line, from 0; <see langword="null"/> for the line itself.</param>
/// <param name="Field"><c>item</c> or <c>value</c>.</param>
/// <param name="Message">Fit for the user.</param>
public sealed record OrderLineError(int Line, int? Choice, string Field, string Message) : FieldError(Field, Message);
