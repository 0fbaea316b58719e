using System.Globalization;
using Kaffediem.Persistence.Orders;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Orders;

/// <summary>Reads which orders somebody wants, be it in a query, at a join or of the event stream.</summary>
internal sealed class OrderFilters(ShopDays days)
{
    /// <summary>What the front end asks for: <c>from_date: "today"</c>.</summary>
    public const string Today = "today";

    /// <summary>The options' names.</summary>
    public static readonly IReadOnlyList<string> Names = ["from_date", "customer_id"];

    private static readonly string[] TimeFormats =
    [
        "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    /// <summary>Reads both options of a query.</summary>
    /// <returns>As the other.</returns>
    public (OrderFilter? Filter, string Option, string Reason) Read(IQueryCollection query) =>
        Read(Find(query, "from_date"), Find(query, "customer_id"));

    /// <summary>Reads both options.</summary>
    /// <param name="fromDate">
    /// <c>today</c>, a day of the shop as <c>2026-11-24</c>, or a time as <c>2026-11-24T10:00:00Z</c> (without a zone:
    /// UTC, as in records); <c>null</c>: all.
    /// </param>
    /// <param name="customerId">Whose, as decimal digits; <c>null</c>: everybody's.</param>
    /// <returns>The filter, or the name of the option that makes no sense, and why.</returns>
    public (OrderFilter? Filter, string Option, string Reason) Read(string? fromDate, string? customerId)
    {
        var filter = new OrderFilter { Today = fromDate == Today };
        if (fromDate is not null && !filter.Today)
        {
            if (ReadTime(fromDate) is not { } from)
            {
                return (
                    null,
                    "from_date",
                    "must be \"today\", a date as 2026-11-24, or a time as 2026-11-24T10:00:00Z");
            }

            filter = filter with { From = RoundUp(from) };
        }

        // A number too large for an id is nobody's, as in Kaffebase.
        return customerId is null ? (filter, "", "")
            : DecimalText.ToId(customerId) is { } id ? (filter with { CustomerId = id }, "", "")
            : (null, "customer_id", "must be an integer");
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
        return DateOnly.TryParseExact(text, "yyyy-MM-dd", culture, DateTimeStyles.None, out var day) ? days.StartOf(day)
            : DateTimeOffset.TryParseExact(text, TimeFormats, culture, DateTimeStyles.AssumeUniversal, out var time)
                ? time
            : null;
    }
}
