using System.Text.Json;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Protocol;
using Kaffediem.Server.Http;
using Kaffediem.Server.Orders;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// The options of a join (docs/channels.md, "What a join may say"):
/// <c>{"options": {"from_date": "today", "customer_id": 7}}</c>, which only orders look at; and
/// <c>{"since": {"epoch": "…", "seq": 7}}</c>, if the client has everything up to there.
/// </summary>
internal sealed record JoinOptions(OrderFilter Filter, ChangePosition? Since)
{
    // Of a client that sends thousands, the first are enough to find a slip of the pen.
    private const int MaxMembers = 20;

    /// <returns>The options, or <c>null</c> and the reason why the join is refused.</returns>
    public static (JoinOptions? Options, string Reason) Read(string collection, Payload payload, OrderFilters filters)
    {
        if (payload.IsBinary || payload.ToElement() is not { ValueKind: JsonValueKind.Object } parameters)
        {
            return (null, "the join's payload must be an object");
        }

        var (filter, reason) = collection == Collections.Order
            ? ReadFilter(parameters, filters)
            : (new OrderFilter(), "");
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
        if (FindMisplaced(parameters) is { } misplaced)
        {
            return (null, misplaced);
        }

        if (!Names(parameters, "options", out var options))
        {
            return (new OrderFilter(), "");
        }

        if (options.ValueKind != JsonValueKind.Object)
        {
            return (null, "options must be an object");
        }

        if (FindUnknown(options) is { } unknown)
        {
            return (null, unknown);
        }

        var (filter, option, reason) = filters.Read(Text(options, "from_date"), Text(options, "customer_id"));
        return (filter, $"{option} {reason}");
    }

    // An option that nobody looks at must not silently answer with all orders ever.
    private static string? FindMisplaced(JsonElement parameters) =>
        FindMember(parameters, OrderFilters.Names, except: []) is var (name, option)
            ? $"{NameHints.Quote(name)} must be sent inside options, as {option}"
            : FindMisspelled(parameters, ["options", "since"]);

    /// <summary>
    /// Why a join with a misspelled member is refused; <c>null</c> without one. Members that resemble no known one,
    /// such as a token, are the client's own business.
    /// </summary>
    public static string? FindMisspelled(JsonElement parameters, string[] members) =>
        FindMember(parameters, members, except: members) is var (name, member)
            ? $"{NameHints.Quote(name)} is not known; send {member}"
            : null;

    private static (string Name, string Meant)? FindMember(
        JsonElement parameters, IReadOnlyList<string> members, string[] except)
    {
        foreach (var name in parameters.EnumerateObject().Take(MaxMembers).Select(member => member.Name).Except(except))
        {
            if (NameHints.FindMeant(members, name) is { } meant)
            {
                return (name, meant);
            }
        }

        return null;
    }

    private static string? FindUnknown(JsonElement options) =>
        options.EnumerateObject().Select(option => option.Name).Except(OrderFilters.Names).FirstOrDefault() is { } name
            ? $"{NameHints.Quote(name)} is not an option; the options are {NameHints.List(OrderFilters.Names, name)}"
            : null;

    // A number or its decimal text, as the old back end cast it (IntegrationTests/Data/reference-transcript.md,
    // W59-W63). What is neither is not what the option wants, whatever that is.
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
