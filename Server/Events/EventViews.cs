using Kaffediem.Persistence.Orders;
using Kaffediem.Server.Realtime;

namespace Kaffediem.Server.Events;

/// <summary>What an event stream shows: one view for each of its collections.</summary>
internal sealed class EventViews
{
    private readonly Dictionary<string, View> _views;

    public EventViews(IReadOnlyCollection<string> collections, OrderFilter filter, string baseUrl)
    {
        Filter = collections.Contains(Collections.Order) ? filter : new OrderFilter();
        _views = Collections.All.Where(collections.Contains).ToDictionary(
            name => name, name => View.Of(name, filter, baseUrl));
        Key = (string.Join(',', _views.Keys), Filter, All.Max(view => view.BaseUrl)!);
    }

    /// <summary>Equal for streams that show the same.</summary>
    public (string Names, OrderFilter Filter, string BaseUrl) Key { get; }

    /// <summary>Which orders.</summary>
    public OrderFilter Filter { get; }

    /// <summary>All of them, always in the same order.</summary>
    public IReadOnlyCollection<View> All => _views.Values;

    /// <summary>The view of the menu; <c>null</c> when it is not shown.</summary>
    public View? Menu => Find(Collections.Menu);

    /// <summary>The view of a collection; <c>null</c> when it is not shown.</summary>
    public View? Find(string collection) => _views.GetValueOrDefault(collection);
}
