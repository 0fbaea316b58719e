namespace Kaffediem.Persistence.Orders;

/// <summary>The days of the shop, which begin at midnight in its time zone.</summary>
public sealed class ShopDays(OrderOptions options)
{
    private readonly TimeZoneInfo _zone = TimeZoneInfo.FindSystemTimeZoneById(options.TimeZone);

    /// <summary>When the day of a moment began.</summary>
    public DateTimeOffset StartAt(DateTimeOffset moment) =>
        StartOf(DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(moment, _zone).DateTime));

    /// <summary>When the next day begins.</summary>
    public DateTimeOffset NextStartAfter(DateTimeOffset moment) =>
        StartOf(DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(moment, _zone).DateTime).AddDays(1));

    /// <summary>When a day begins.</summary>
    public DateTimeOffset StartOf(DateOnly day)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue);
        while (_zone.IsInvalidTime(midnight))
        {
            // Where summer time begins at midnight, the day has no midnight and begins later.
            midnight = midnight.AddMinutes(15);
        }

        // Where summer time ends at midnight, there are two midnights; the day begins at the first.
        var offset = _zone.IsAmbiguousTime(midnight)
            ? _zone.GetAmbiguousTimeOffsets(midnight).Max()
            : _zone.GetUtcOffset(midnight);
        // East of Greenwich the first day of year 1 begins before the earliest time that .NET can represent.
        return midnight.Ticks < offset.Ticks ? DateTimeOffset.MinValue : new DateTimeOffset(midnight, offset);
    }
}
