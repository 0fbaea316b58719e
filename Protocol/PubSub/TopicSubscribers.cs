namespace Kaffediem.Protocol;

/// <summary>Everyone who joined one topic.</summary>
internal sealed class TopicSubscribers(Action<TopicSubscribers> onEmpty)
{
    // Guards the list and its subscriptions' states. Held for a whole broadcast, which only queues: a subscription that is
    // added, released or removed thus comes wholly before or wholly after it, and all see broadcasts in one order.
    private readonly Lock _lock = new();
    private readonly List<Subscription> _subscriptions = [];
    private bool _isEmptied;

    /// <returns><c>false</c> when the last subscriber has just left and this object with it: look again.</returns>
    public bool TryAdd(Subscription subscription)
    {
        lock (_lock)
        {
            if (_isEmptied)
            {
                return false;
            }

            subscription.Index = _subscriptions.Count;
            _subscriptions.Add(subscription);
            return true;
        }
    }

    public void Remove(Subscription subscription)
    {
        lock (_lock)
        {
            var index = subscription.Index;
            if (index >= _subscriptions.Count || _subscriptions[index] != subscription)
            {
                return; // removed before
            }

            // The last one takes its place: ten thousand may leave at once.
            _subscriptions[index] = _subscriptions[^1];
            _subscriptions[index].Index = index;
            _subscriptions.RemoveAt(_subscriptions.Count - 1);
            _isEmptied = _subscriptions.Count == 0;
        }

        if (_isEmptied)
        {
            onEmpty(this);
        }
    }

    public void Release(Subscription subscription, long position)
    {
        lock (_lock)
        {
            subscription.ReleaseHeld(position);
        }
    }

    public void Forget(Subscription subscription, string @event)
    {
        lock (_lock)
        {
            subscription.ForgetHeld(@event);
        }
    }

    /// <returns>How many subscribers there were.</returns>
    public int Deliver(EncodedBroadcast broadcast, Subscription? except)
    {
        lock (_lock)
        {
            foreach (var subscription in _subscriptions)
            {
                if (subscription != except)
                {
                    subscription.Deliver(broadcast);
                }
            }

            return _subscriptions.Count;
        }
    }
}
