using System.Globalization;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Orders;

/// <summary>Reads which orders a client wants: in a query, at a join, and of an event stream.</summary>
internal sealed class OrderFilters(ShopDays days)
{
    /// <summary>What the front end asks for: <c>from_date: "today"</c>.</summary>
    public const string Today = "today";

    public const string FromDate = "from_date";
    public const string CustomerId = "customer_id";

    /// <summary>The options' names.</summary>
    public static readonly IReadOnlyList<string> Names = [FromDate, CustomerId];

    private static readonly FieldError NoDate = new(
        FromDate, "must be \"today\", a date as 2026-11-24, or a time as 2026-11-24T10:00:00Z");

    private static readonly FieldError NoCustomer = new(CustomerId, "must be an integer");

    private static readonly string[] TimeFormats =
    [
        "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    /// <summary>Reads both options of a query.</summary>
    public Read<OrderFilter> Read(IQueryCollection query) => Read(Find(query, FromDate), Find(query, CustomerId));

    /// <summary>Reads both options.</summary>
    /// <param name="fromDate">
    /// <c>today</c>, a day of the shop as <c>2026-11-24</c>, or a time as <c>2026-11-24T10:00:00Z</c> (without a zone:
    /// UTC, as in records); <c>null</c>: all.
    /// </param>
    /// <param name="customerId">Whose, as decimal digits; <c>null</c>: everybody's.</param>
    /// <returns>The filter, or the option that makes no sense.</returns>
    public Read<OrderFilter> Read(string? fromDate, string? customerId)
    {
        var filter = new OrderFilter();
        if (fromDate == Today)
        {
            filter = filter with { Today = true };
        }
        else if (fromDate is not null)
        {
            if (ReadTime(fromDate) is not { } from)
            {
                return NoDate;
            }

            filter = filter with { From = RoundUp(from) };
        }

        if (customerId is not null)
        {
            // A number too large for an id is nobody's, as in Kaffebase.
            if (DecimalText.ToId(customerId) is not { } id)
            {
                return NoCustomer;
            }

            filter = filter with { CustomerId = id };
        }

        return filter;
    }

    private static string? Find(IQueryCollection query, string name) =>
        query.TryGetValue(name, out var values) ? values.ToString() : null;

    // Orders have no times between two milliseconds, so the filter is the same, and fewer filters are different.
    private static DateTimeOffset RoundUp(DateTimeOffset time)
    {
        var excess = time.UtcTicks % TimeSpan.TicksPerMillisecond;
        var ticks = excess == 0 ? time.UtcTicks : time.UtcTicks - excess + TimeSpan.TicksPerMillisecond;
        return ticks > DateTimeOffset.MaxValue.UtcTicks ? time : new DateTimeOffset(ticks, TimeSpan.Zero);
    }

    private DateTimeOffset? ReadTime(string text)
    {
        var culture = CultureInfo.InvariantCulture;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", culture, DateTimeStyles.None, out var day))
        {
            return days.StartOf(day);
        }

        return DateTimeOffset.TryParseExact(text, TimeFormats, culture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;
    }
}
