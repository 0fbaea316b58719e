using System.Collections.Concurrent;

namespace Kaffediem.Protocol;

/// <summary>Topic to subscriptions, in this process.</summary>
internal sealed class PubSub(PhoenixOptions options)
{
    private readonly ConcurrentDictionary<string, TopicSubscribers> _topics = new(StringComparer.Ordinal);

    /// <summary>Subscribes, held: nothing is delivered before <see cref="Subscription.Release"/>.</summary>
    public Subscription Subscribe(string topic, ITransport transport, ISerializer serializer)
    {
        while (true)
        {
            var subscribers = _topics.GetOrAdd(topic, static (name, topics) => Create(name, topics), _topics);
            var subscription = new Subscription(subscribers, transport, serializer, options.MaxOutboxBytes);
            if (subscribers.TryAdd(subscription))
            {
                return subscription;
            }
        }
    }

    /// <summary>Queues a broadcast for all subscribers but one.</summary>
    public void Broadcast(in Broadcast broadcast, long position = long.MaxValue, Subscription? except = null)
    {
        if (!broadcast.Payload.IsObject)
        {
            throw new ArgumentException("The payload of a broadcast must be a JSON object.", nameof(broadcast));
        }

        if (_topics.TryGetValue(broadcast.Topic, out var subscribers))
        {
            subscribers.Deliver(new EncodedBroadcast(broadcast, position), except);
        }
    }

    private static TopicSubscribers Create(string topic, ConcurrentDictionary<string, TopicSubscribers> topics) =>
        new(emptied => topics.TryRemove(KeyValuePair.Create(topic, emptied)));
}
