using System.Globalization;
using System.Text.Json;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Orders;

namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>
/// A screen's options and the orders that they include: by docs/channels.md, "Join options", not by the server's
/// code.
/// </summary>
/// <param name="Collection">The topic, without <c>collection:</c>.</param>
/// <param name="FromDate">The option <c>from_date</c>.</param>
/// <param name="From">The moment that it means, unless it is <c>today</c>.</param>
/// <param name="CustomerId">The option <c>customer_id</c>.</param>
internal sealed record ScreenView(
    string Collection, string? FromDate = null, DateTimeOffset? From = null, long? CustomerId = null)
{
    public const string Menu = "menu";
    public const string Order = "order";
    public const string Today = "today";

    /// <summary>Whether it excludes some records.</summary>
    public bool IsFiltered => FromDate is not null || CustomerId is not null;

    /// <summary>The join's options, as JSON.</summary>
    public string Options => JsonSerializer.Serialize(new Dictionary<string, object?>
    {
        ["from_date"] = FromDate,
        ["customer_id"] = CustomerId,
    });

    /// <summary>The same as a query string.</summary>
    public string Query => "?" + string.Join('&', new[]
    {
        FromDate is null ? null : $"from_date={Uri.EscapeDataString(FromDate)}",
        CustomerId is null ? null : $"customer_id={CustomerId}",
    }.OfType<string>());

    /// <summary>Whether it includes an order of the database.</summary>
    /// <param name="order">The record.</param>
    /// <param name="dayStart">When the shop's day began.</param>
    public bool Shows(JsonElement order, DateTimeOffset dayStart)
    {
        var customer = order.GetProperty("customer_id");
        return Shows(
            order.GetProperty("created").GetString()!,
            customer.ValueKind == JsonValueKind.Null ? null : customer.GetInt64(),
            created => created >= dayStart);
    }

    /// <summary>Whether it included an order with the keys in the log.</summary>
    public bool Shows(FilterKeys? logged) =>
        OrderKeys.Read(logged) is { } keys && Shows(keys.InsertedAt, keys.CustomerId, _ => keys.IsToday);

    public override string ToString() => $"{Collection} {Options}";

    private bool Shows(string created, long? customerId, Func<DateTimeOffset, bool> isToday)
    {
        var placed = DateTimeOffset.Parse(created, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        return (FromDate is null || (FromDate == Today ? isToday(placed) : placed >= From))
            && (CustomerId is null || customerId == CustomerId);
    }
}
