using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Transactions;

namespace Kaffediem.Persistence.Orders;

/// <summary>Selects the orders to list and the changes of orders to broadcast; all of them by default.</summary>
public sealed record OrderFilter
{
    /// <summary>Only orders of the shop's current day. When the day is over, its orders leave the filter.</summary>
    public bool Today { get; init; }

    /// <summary>Only orders placed at this time or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only this customer's orders.</summary>
    public long? CustomerId { get; init; }

    /// <summary>
    /// The action of a change for a client that sees the orders through this filter: an order that enters the filter
    /// is created for it, and one that leaves it is deleted. <c>null</c> if the client sees no change.
    /// </summary>
    /// <param name="change">A change of an order.</param>
    public ChangeAction? See(Change change) =>
        (Passes(OrderKeys.Read(change.Before)), Passes(OrderKeys.Read(change.After))) switch
        {
            (false, true) => ChangeAction.Create,
            (true, false) => ChangeAction.Delete,
            (true, true) when change.Action != ChangeAction.DayOver => ChangeAction.Update,
            _ => null,
        };

    // Times are stored as text that sorts by time.
    private bool Passes(OrderKeys? keys) =>
        keys is not null
        && (!Today || keys.IsToday)
        && (From is not { } from || string.CompareOrdinal(keys.InsertedAt, Timestamp.FormatBound(from)) >= 0)
        && (CustomerId is null || keys.CustomerId == CustomerId);
}
