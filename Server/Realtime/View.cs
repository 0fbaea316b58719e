using Kaffediem.Persistence.Orders;
using Kaffediem.Server.Catalog;
using Kaffediem.Server.Records;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// The part of a collection that a client sees. Clients whose views are equal get the same bytes, which are made once
/// for all of them.
/// </summary>
/// <param name="Collection">The collection.</param>
/// <param name="Filter">Which of the orders; of other collections everything is seen.</param>
/// <param name="BaseUrl">The beginning of the images' addresses; empty where there are no images.</param>
internal sealed record View(IServedCollection Collection, OrderFilter Filter, string BaseUrl)
{
    /// <summary>Whether it is the menu, which is sent whole whenever a part of it changes.</summary>
    public bool IsMenu => Collection is MenuCollection;

    /// <summary>
    /// Whether what it shows does not grow with the shop's age, and there are few such views: today's orders, and the
    /// other collections, which administrators fill.
    /// </summary>
    public bool IsSmall => !Collection.IsFiltered || Filter is { Today: true, CustomerId: null };

    /// <summary>
    /// The view for a request for a collection. It leaves out what does not affect the collection, so that more views
    /// are equal.
    /// </summary>
    public static View Of(IServedCollection collection, OrderFilter filter, string baseUrl) => new(
        collection,
        collection.IsFiltered ? filter : new OrderFilter(),
        collection.HasImages ? baseUrl : "");
}
