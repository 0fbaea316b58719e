using Kaffediem.Persistence.Orders;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// What a client wants to see. Clients whose views are equal get the same bytes, which are made once for all of them.
/// </summary>
/// <param name="Collection">The collection.</param>
/// <param name="Filter">Which of the orders; of other collections everything is seen.</param>
/// <param name="BaseUrl">What stands before the images' paths; empty where there are no images.</param>
internal sealed record View(string Collection, OrderFilter Filter, string BaseUrl)
{
    /// <summary>Whether there is such a collection.</summary>
    public bool IsKnown => Collections.All.Contains(Collection);

    /// <summary>
    /// Whether what it shows does not grow with the shop's age, and there are few such views: today's orders, and the
    /// other collections, which administrators fill.
    /// </summary>
    public bool IsSmall => Collection != Collections.Order || Filter is { Today: true, CustomerId: null };

    /// <summary>
    /// The view for a request for a collection. It leaves out what does not affect the collection, so that more views
    /// are equal.
    /// </summary>
    public static View Of(string collection, OrderFilter filter, string baseUrl) => new(
        collection,
        collection == Collections.Order ? filter : new OrderFilter(),
        Collections.HasImages(collection) ? baseUrl : "");
}
