namespace Kaffediem.Protocol;

/// <summary>The subscribers of one topic, by group.</summary>
internal sealed class TopicSubscribers(Action<TopicSubscribers> onEmpty)
{
    // Stands for null, which cannot be a key.
    private static readonly object NoGroup = new();

    private readonly Dictionary<object, List<Subscription>> _groups = [];
    private bool _isEmptied;

    /// <summary>
    /// Guards the lists and the state of their subscriptions. Held for a whole broadcast, which only queues: a
    /// subscription is added, released or removed wholly before a broadcast or wholly after it, and all subscribers see
    /// broadcasts in one order.
    /// </summary>
    public Lock Lock { get; } = new();

    /// <summary>The number of subscriptions, held ones included.</summary>
    public int Count
    {
        get
        {
            lock (Lock)
            {
                return _groups.Values.Sum(subscriptions => subscriptions.Count);
            }
        }
    }

    /// <returns>
    /// <c>false</c> when the last subscriber has just left: this object is no longer used, and the caller looks again.
    /// </returns>
    public bool TryAdd(Subscription subscription)
    {
        lock (Lock)
        {
            if (_isEmptied)
            {
                return false;
            }

            AddToGroup(subscription);
            return true;
        }
    }

    public void Remove(Subscription subscription)
    {
        lock (Lock)
        {
            if (!TryRemoveFromGroup(subscription))
            {
                return; // removed before
            }

            _isEmptied = _groups.Count == 0;
        }

        if (_isEmptied)
        {
            onEmpty(this);
        }
    }

    public void Move(Subscription subscription, object? group)
    {
        lock (Lock)
        {
            if (TryRemoveFromGroup(subscription))
            {
                subscription.Group = group;
                AddToGroup(subscription);
            }
        }
    }

    /// <summary>Queues for every group its broadcasts.</summary>
    /// <param name="runFor">
    /// Called once for each group, before anything is queued. <c>null</c> means nothing for this group.
    /// </param>
    /// <param name="except">The one subscription that gets nothing, if any.</param>
    /// <returns>
    /// How many messages that makes, about: the excluded subscriber counts too, and so do broadcasts that are held,
    /// dropped or intercepted.
    /// </returns>
    public int Deliver(Func<object?, BroadcastRun?> runFor, Subscription? except)
    {
        lock (Lock)
        {
            var runs = new List<(List<Subscription> Group, BroadcastRun Run)>(_groups.Count);
            foreach (var (group, subscriptions) in _groups)
            {
                if (runFor(group == NoGroup ? null : group) is { } run)
                {
                    runs.Add((subscriptions, run));
                }
            }

            var count = 0;
            foreach (var (subscriptions, run) in runs)
            {
                count += Deliver(subscriptions, run, except);
            }

            return count;
        }
    }

    private static int Deliver(List<Subscription> subscriptions, BroadcastRun run, Subscription? except)
    {
        foreach (var subscription in subscriptions)
        {
            if (subscription != except)
            {
                subscription.Deliver(run);
            }
        }

        return subscriptions.Count * run.Broadcasts.Count;
    }

    private void AddToGroup(Subscription subscription)
    {
        var key = subscription.Group ?? NoGroup;
        if (!_groups.TryGetValue(key, out var subscriptions))
        {
            _groups[key] = subscriptions = [];
        }

        subscription.Index = subscriptions.Count;
        subscriptions.Add(subscription);
    }

    private bool TryRemoveFromGroup(Subscription subscription)
    {
        var key = subscription.Group ?? NoGroup;
        var index = subscription.Index;
        if (!_groups.TryGetValue(key, out var subscriptions)
            || index >= subscriptions.Count
            || subscriptions[index] != subscription)
        {
            return false;
        }

        // The last one takes its place: ten thousand may leave at once.
        subscriptions[index] = subscriptions[^1];
        subscriptions[index].Index = index;
        subscriptions.RemoveAt(subscriptions.Count - 1);
        if (subscriptions.Count == 0)
        {
            _groups.Remove(key);
        }

        return true;
    }
}
