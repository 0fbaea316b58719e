using Kaffediem.Persistence.Orders;
using Kaffediem.Server.Catalog;
using Kaffediem.Server.Realtime;
using Kaffediem.Server.Records;

namespace Kaffediem.Server.Events;

/// <summary>The views of an event stream, one for each of its collections.</summary>
internal sealed class EventViews
{
    private readonly OrderedDictionary<string, View> _views;

    /// <param name="collections">The collections, in the order in which they are sent.</param>
    /// <param name="filter">Which orders.</param>
    /// <param name="baseUrl">The beginning of the images' addresses.</param>
    public EventViews(IEnumerable<IServedCollection> collections, OrderFilter filter, string baseUrl)
    {
        _views = new(collections.Select(collection =>
            KeyValuePair.Create(collection.Name, View.Of(collection, filter, baseUrl))));
        Filter = filter;
        var shownBaseUrl = All.Any(view => view.Collection.HasImages) ? baseUrl : "";
        Key = (string.Join(',', _views.Keys), Filter, shownBaseUrl);
    }

    /// <summary>Equal for streams that show the same.</summary>
    public (string Names, OrderFilter Filter, string BaseUrl) Key { get; }

    /// <summary>Which orders.</summary>
    public OrderFilter Filter { get; }

    /// <summary>All of them, always in the same order.</summary>
    public IReadOnlyList<View> All => _views.Values;

    /// <summary>The view of the menu; <c>null</c> when it is not shown.</summary>
    public View? Menu => Find(MenuCollection.MenuName);

    /// <summary>The view of a collection; <c>null</c> when it is not shown.</summary>
    public View? Find(string collection) => _views.GetValueOrDefault(collection);
}
