using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Orders;
using Kaffediem.Server.Realtime;
using Kaffediem.Server.Records;

namespace Kaffediem.Server.Events;

/// <summary>
/// What a client asks an event stream for: <c>?collections=order,menu</c>, the options <c>from_date</c> and
/// <c>customer_id</c>, which concern orders, and what it has already: the header <c>Last-Event-ID</c>, or without it
/// <c>last_event_id</c>, for clients that cannot set headers.
/// </summary>
internal sealed record EventRequest(EventViews Views, ChangePosition? Since)
{
    private const string CollectionsName = "collections";
    private const string LastEventIdName = "last_event_id";

    private static readonly string[] Parameters = [CollectionsName, .. OrderFilters.Names, LastEventIdName];

    /// <returns>The request, or the name of the parameter that makes no sense, and why.</returns>
    public static (EventRequest? Request, string Parameter, string Reason) Read(
        HttpRequest request, string epoch, OrderFilters filters, string baseUrl)
    {
        var unknownParameters = new List<FieldError>();
        ListQuery.RefuseUnknown(request.Query, Parameters, unknownParameters);
        if (unknownParameters.Count > 0)
        {
            return (null, unknownParameters[0].Field, unknownParameters[0].Message);
        }

        var collections = (Find(request, CollectionsName) ?? "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .ToHashSet(StringComparer.Ordinal);
        if (collections.FirstOrDefault(name => !Collections.All.Contains(name)) is { } unknown)
        {
            return (null, CollectionsName, Collections.DescribeUnknown(unknown));
        }

        if (collections.Count == 0)
        {
            var names = string.Join(", ", Collections.All);
            return (null, CollectionsName, $"must name some of {names}, separated by commas");
        }

        var (filter, option, reason) = collections.Contains(Collections.Order)
            ? filters.Read(request.Query)
            : (new OrderFilter(), "", "");
        return filter is null
            ? (null, option, reason)
            : (new EventRequest(new EventViews(collections, filter, baseUrl), ReadSince(request, epoch)), "", "");
    }

    // The header counts: a browser's EventSource sends it when it comes back, to an address that stays as it was. One
    // that is no position of this log, be it of another epoch or garbled on its way, is as good as none.
    private static ChangePosition? ReadSince(HttpRequest request, string epoch) => EventText.ReadId(
        request.Headers.TryGetValue("Last-Event-ID", out var header)
            ? header.ToString()
            : Find(request, LastEventIdName),
        epoch);

    private static string? Find(HttpRequest request, string name) =>
        request.Query.TryGetValue(name, out var values) ? values.ToString() : null;
}
