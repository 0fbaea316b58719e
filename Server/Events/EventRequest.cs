using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Http;
using Kaffediem.Server.Orders;
using Kaffediem.Server.Records;

namespace Kaffediem.Server.Events;

/// <summary>
/// A client's request for an event stream: <c>?collections=order,menu</c>, the options <c>from_date</c> and
/// <c>customer_id</c>, which concern orders, and the position it has reached: the header <c>Last-Event-ID</c>, or
/// <c>last_event_id</c> for clients that cannot set headers.
/// </summary>
internal sealed record EventRequest(EventViews Views, ChangePosition? Since)
{
    private const string CollectionsName = "collections";
    private const string LastEventIdName = "last_event_id";

    private static readonly string[] Parameters = [CollectionsName, .. OrderFilters.Names, LastEventIdName];

    /// <returns>The request, or the parameter that makes no sense.</returns>
    public static Read<EventRequest> Read(
        HttpRequest request, string epoch, Collections collections, OrderFilters filters, string baseUrl)
    {
        var unknownParameters = new List<FieldError>();
        ListQuery.RefuseUnknown(request.Query, Parameters, unknownParameters);
        if (unknownParameters.Count > 0)
        {
            return unknownParameters[0];
        }

        var wanted = ReadCollections(request, collections);
        if (!wanted.IsRead)
        {
            return wanted.Error;
        }

        Read<OrderFilter> filter = wanted.Value.Any(collection => collection.IsFiltered)
            ? filters.Read(request.Query)
            : new OrderFilter();
        return filter.IsRead
            ? new EventRequest(new EventViews(wanted.Value, filter.Value, baseUrl), ReadSince(request, epoch))
            : filter.Error;
    }

    private static Read<List<IServedCollection>> ReadCollections(HttpRequest request, Collections collections)
    {
        var names = (Find(request, CollectionsName) ?? "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (names.Length == 0)
        {
            var all = string.Join(", ", collections.Names);
            return new FieldError(CollectionsName, $"must name some of {all}, separated by commas");
        }

        return names.FirstOrDefault(name => !collections.Names.Contains(name)) is { } unknown
            ? new FieldError(CollectionsName, collections.DescribeUnknown(unknown))
            : collections.All.Where(collection => names.Contains(collection.Name)).ToList();
    }

    // The header takes precedence: a browser's EventSource sends it when it reconnects, with the URL unchanged. A
    // malformed one, or one of another epoch, counts as missing.
    private static ChangePosition? ReadSince(HttpRequest request, string epoch) => EventText.ReadId(
        request.Headers.TryGetValue("Last-Event-ID", out var header)
            ? header.ToString()
            : Find(request, LastEventIdName),
        epoch);

    private static string? Find(HttpRequest request, string name) =>
        request.Query.TryGetValue(name, out var values) ? values.ToString() : null;
}
