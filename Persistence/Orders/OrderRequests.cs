using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence.Orders;

/// <summary>An order to be placed.</summary>
public sealed record OrderDraft
{
    /// <summary>Chosen by the client, in lower case; <see langword="null"/> for a new one.</summary>
    public string? Uuid { get; init; }

    /// <inheritdoc cref="Order.CustomerId"/>
    public long? CustomerId { get; init; }

    /// <inheritdoc cref="Order.State"/>
    public string State { get; init; } = OrderState.Received;

    /// <inheritdoc cref="Order.MissingInformation"/>
    public bool MissingInformation { get; init; }

    /// <summary>The ordered items.</summary>
    public required IReadOnlyList<OrderLine> Lines { get; init; }
}

/// <summary>An ordered item.</summary>
public sealed record OrderLine(long ItemId, IReadOnlyList<OrderChoice> Choices);

/// <summary>
/// The values chosen for a key. If <see cref="Catalog.CustomizationKey.MultipleChoice"/> allows several, the same key
/// and the same value may occur several times.
/// </summary>
public sealed record OrderChoice(long KeyId, IReadOnlyList<long> ValueIds);

/// <summary>The fields of an order to change.</summary>
public sealed record OrderPatch
{
    /// <inheritdoc cref="Order.State"/>
    public Optional<string> State { get; init; }

    /// <inheritdoc cref="Order.MissingInformation"/>
    public Optional<bool> MissingInformation { get; init; }

    /// <inheritdoc cref="Order.CustomerId"/>
    public Optional<long?> CustomerId { get; init; }

    /// <summary>Replaces the lines. They are stored as given; nothing is looked up in the catalogue.</summary>
    public Optional<IReadOnlyList<OrderItem>> Items { get; init; }
}

/// <summary>An error in a line of an order.</summary>
/// <param name="Line">The line's index, from 0.</param>
/// <param name="Choice">The choice's index in the line, from 0; <see langword="null"/> for the line itself.</param>
/// <param name="Field"><c>item</c> or <c>value</c>.</param>
/// <param name="Message">A text for the user.</param>
public sealed record OrderLineError(int Line, int? Choice, string Field, string Message) : FieldError(Field, Message);
