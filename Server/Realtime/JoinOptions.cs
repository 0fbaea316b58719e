using System.Text.Json;
using Kaffediem.Persistence.Orders;
using Kaffediem.Protocol;
using Kaffediem.Server.Http;
using Kaffediem.Server.Orders;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// What a screen may say when it joins: <c>{"options": {"from_date": "today", "customer_id": 7}}</c>
/// (spec/contract.md section 4). Only orders have options; as in Kaffebase those of other collections are not looked at,
/// and a date other than today's is no filter.
/// </summary>
internal static class JoinOptions
{
    /// <returns>The filter, or <c>null</c> and the reason why the join is refused.</returns>
    public static (OrderFilter? Filter, string Reason) Read(string collection, Payload payload, TimeProvider time)
    {
        var parameters = payload.ToElement();
        if (parameters.ValueKind != JsonValueKind.Object)
        {
            return (null, "the join's payload must be an object");
        }

        if (collection != CollectionSnapshots.Order || !Names(parameters, "options", out var options))
        {
            return (new OrderFilter(), "");
        }

        return options.ValueKind != JsonValueKind.Object ? (null, "options must be an object")
            : ReadCustomer(options) is var (isValid, customerId) && !isValid ? (null, "customer_id must be an integer")
            : (new OrderFilter { From = ReadFrom(options, time), CustomerId = customerId }, "");
    }

    private static DateTimeOffset? ReadFrom(JsonElement options, TimeProvider time) =>
        Names(options, "from_date", out var date) && date.ValueKind == JsonValueKind.String && date.ValueEquals(OrderDay.Today)
            ? OrderDay.StartOfToday(time)
            : null;

    // A number or its decimal text, as the old back end cast it (reference transcript W59-W63).
    private static (bool IsValid, long? CustomerId) ReadCustomer(JsonElement options)
    {
        if (!Names(options, "customer_id", out var customer))
        {
            return (true, null);
        }

        long? id = customer.ValueKind switch
        {
            JsonValueKind.Number when customer.TryGetInt64(out var number) => number,
            JsonValueKind.String => DecimalText.ToId(customer.GetString()!),
            _ => null,
        };
        return (id is not null, id);
    }

    private static bool Names(JsonElement element, string name, out JsonElement value) =>
        element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
}
