using Kaffediem.Persistence.Log;

namespace Kaffediem.Persistence.Orders;

/// <summary>Which orders to list, and which changes of orders to tell of; all of them by default.</summary>
public sealed record OrderFilter
{
    /// <summary>Only those of the shop's current day. When a day is over, its orders leave the filter.</summary>
    public bool Today { get; init; }

    /// <summary>Only those placed then or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only this customer's.</summary>
    public long? CustomerId { get; init; }

    /// <summary>
    /// What a change is to a client that sees the orders through this filter: a record that enters it is new to them,
    /// one that leaves it is gone. <c>null</c>: nothing.
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

    // Times are kept as text that sorts as the times do.
    private bool Passes(OrderKeys? keys) =>
        keys is not null
        && (!Today || keys.IsToday)
        && (From is not { } from || string.CompareOrdinal(keys.InsertedAt, Timestamp.FormatBound(from)) >= 0)
        && (CustomerId is null || keys.CustomerId == CustomerId);
}
