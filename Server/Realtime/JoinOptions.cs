using System.Text.Json;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Orders;
using Kaffediem.Protocol;
using Kaffediem.Server.Orders;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// What a client may say when it joins (spec/contract.md section 4): <c>{"options": {"from_date": "today", "customer_id": 7}}</c>,
/// of which only orders look at the options; and <c>{"since": {"epoch": "…", "seq": 7}}</c>, if it has everything up to there.
/// </summary>
internal sealed record JoinOptions(OrderFilter Filter, ChangePosition? Since)
{
    /// <returns>The options, or <c>null</c> and the reason why the join is refused.</returns>
    public static (JoinOptions? Options, string Reason) Read(string collection, Payload payload, OrderFilters filters)
    {
        if (payload.IsBinary || payload.ToElement() is not { ValueKind: JsonValueKind.Object } parameters)
        {
            return (null, "the join's payload must be an object");
        }

        var (filter, reason) = collection == Collections.Order ? ReadFilter(parameters, filters) : (new OrderFilter(), "");
        if (filter is null)
        {
            return (null, reason);
        }

        if (!Names(parameters, "since", out var since))
        {
            return (new JoinOptions(filter, Since: null), "");
        }

        return ReadSince(since) is { } position
            ? (new JoinOptions(filter, position), "")
            : (null, """since must be {"epoch": text, "seq": integer}""");
    }

    private static (OrderFilter? Filter, string Reason) ReadFilter(JsonElement parameters, OrderFilters filters)
    {
        if (!Names(parameters, "options", out var options))
        {
            return (new OrderFilter(), "");
        }

        if (options.ValueKind != JsonValueKind.Object)
        {
            return (null, "options must be an object");
        }

        var (filter, option, reason) = filters.Read(Text(options, "from_date"), Text(options, "customer_id"));
        return (filter, $"{option} {reason}");
    }

    // A number or its decimal text, as the old back end cast it (reference transcript W59-W63). What is neither is not what
    // the option wants, whatever that is.
    private static string? Text(JsonElement options, string name) =>
        !Names(options, name, out var value) ? null
            : value.ValueKind == JsonValueKind.String ? value.GetString()
            : value.GetRawText();

    private static ChangePosition? ReadSince(JsonElement since) =>
        since.ValueKind == JsonValueKind.Object
        && Names(since, "epoch", out var epoch) && epoch.ValueKind == JsonValueKind.String
        && Names(since, "seq", out var number) && number.ValueKind == JsonValueKind.Number
        && ReadSeq(number) is { } seq
            ? new ChangePosition(seq, epoch.GetString()!)
            : null;

    // A number that is too large is of the future, as others are that have not come yet.
    private static long? ReadSeq(JsonElement number) =>
        number.TryGetInt64(out var seq) ? seq >= 0 ? seq : null
        : number.TryGetDouble(out var large) && large >= long.MaxValue ? long.MaxValue
        : null;

    private static bool Names(JsonElement element, string name, out JsonElement value) =>
        element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
}
