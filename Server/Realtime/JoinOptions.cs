using System.Text.Json;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;
using Kaffediem.Protocol;
using Kaffediem.Server.Http;
using Kaffediem.Server.Orders;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// The options of a join (docs/channels.md, "Join options"):
/// <c>{"options": {"from_date": "today", "customer_id": 7}}</c>, which only orders look at; and
/// <c>{"since": {"epoch": "…", "seq": 7}}</c>, if the client has everything up to there.
/// </summary>
internal sealed record JoinOptions(OrderFilter Filter, ChangePosition? Since)
{
    // Of a client that sends thousands, the first are enough to find a slip of the pen.
    private const int MaxMembers = 20;

    private static readonly FieldError NoObject = new("the join's payload", "must be an object");
    private static readonly FieldError OptionsNoObject = new("options", "must be an object");
    private static readonly FieldError MalformedSince = new("since", """must be {"epoch": text, "seq": integer}""");

    /// <param name="payload">The join's payload.</param>
    /// <param name="filters">Reads the filter.</param>
    /// <param name="isFiltered">Whether the collection has a filter; otherwise <c>options</c> is ignored.</param>
    /// <returns>The options, or why the join is refused: a sentence of both parts.</returns>
    public static Read<JoinOptions> Read(Payload payload, OrderFilters filters, bool isFiltered)
    {
        if (payload.IsBinary || payload.ToElement() is not { ValueKind: JsonValueKind.Object } parameters)
        {
            return NoObject;
        }

        Read<OrderFilter> filter = isFiltered ? ReadFilter(parameters, filters) : new OrderFilter();
        if (!filter.IsRead)
        {
            return filter.Error;
        }

        if (!Names(parameters, "since", out var since))
        {
            return new JoinOptions(filter.Value, Since: null);
        }

        return ReadSince(since) is { } position ? new JoinOptions(filter.Value, position) : MalformedSince;
    }

    private static Read<OrderFilter> ReadFilter(JsonElement parameters, OrderFilters filters)
    {
        if (FindMisplaced(parameters) is { } misplaced)
        {
            return misplaced;
        }

        if (!Names(parameters, "options", out var options))
        {
            return new OrderFilter();
        }

        if (options.ValueKind != JsonValueKind.Object)
        {
            return OptionsNoObject;
        }

        return FindUnknown(options) is { } unknown
            ? unknown
            : filters.Read(Text(options, OrderFilters.FromDate), Text(options, OrderFilters.CustomerId));
    }

    // An option that nobody looks at must not silently answer with all orders ever.
    private static FieldError? FindMisplaced(JsonElement parameters) =>
        FindMember(parameters, OrderFilters.Names, except: []) is var (name, option)
            ? new FieldError(NameHints.Quote(name), $"must be sent inside options, as {option}")
            : FindMisspelled(parameters, ["options", "since"]);

    /// <summary>
    /// Why a join with a misspelled member is refused; <c>null</c> without one. Members that resemble no known one,
    /// such as a token, are the client's own business.
    /// </summary>
    public static FieldError? FindMisspelled(JsonElement parameters, string[] members) =>
        FindMember(parameters, members, except: members) is var (name, member)
            ? new FieldError(NameHints.Quote(name), $"is not known; send {member}")
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

    private static FieldError? FindUnknown(JsonElement options)
    {
        var names = options.EnumerateObject().Select(option => option.Name);
        return names.Except(OrderFilters.Names).FirstOrDefault() is { } name
            ? new FieldError(
                NameHints.Quote(name), $"is not an option; the options are {NameHints.List(OrderFilters.Names, name)}")
            : null;
    }

    // A number or its decimal text, as Kaffebase cast it (IntegrationTests/Data/reference-transcript.md, W59-W63).
    // Any other JSON is passed on as its text, which the filter refuses.
    private static string? Text(JsonElement options, string name)
    {
        if (!Names(options, name, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
    }

    private static ChangePosition? ReadSince(JsonElement since) =>
        since.ValueKind == JsonValueKind.Object
        && Names(since, "epoch", out var epoch) && epoch.ValueKind == JsonValueKind.String
        && epoch.GetString() is { } id
        && Names(since, "seq", out var number) && number.ValueKind == JsonValueKind.Number
        && ReadSeq(number) is { } seq
            ? new ChangePosition(seq, id)
            : null;

    // A number that is too large lies in the future, as a seq that does not exist yet does.
    private static long? ReadSeq(JsonElement number)
    {
        if (number.TryGetInt64(out var seq))
        {
            return seq >= 0 ? seq : null;
        }

        return number.TryGetDouble(out var large) && large >= long.MaxValue ? long.MaxValue : null;
    }

    private static bool Names(JsonElement element, string name, out JsonElement value) =>
        element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
}
