using System.Collections.Concurrent;

namespace Kaffediem.Protocol;

/// <summary>Topic to subscriptions, in this process.</summary>
internal sealed class PubSub(PhoenixOptions options, PhoenixMetrics metrics)
{
    private readonly ConcurrentDictionary<string, TopicSubscribers> _topics = new(StringComparer.Ordinal);

    /// <summary>Subscribes, held: nothing is delivered before <see cref="Subscription.Release"/>.</summary>
    public Subscription Subscribe(ISubscriber subscriber, ITransport transport, ISerializer serializer)
    {
        while (true)
        {
            var subscribers = _topics.GetOrAdd(
                subscriber.Topic, static (name, topics) => Create(name, topics), _topics);
            var subscription = new Subscription(subscribers, subscriber, transport, serializer, options.MaxOutboxBytes);
            if (subscribers.TryAdd(subscription))
            {
                return subscription;
            }
        }
    }

    /// <summary>
    /// Queues a broadcast for all subscribers but one: for all of them, or it throws before the first.
    /// </summary>
    public void Broadcast(in Broadcast broadcast, long position = long.MaxValue, Subscription? except = null)
    {
        Check(broadcast);
        metrics.BroadcastSent();
        if (_topics.TryGetValue(broadcast.Topic, out var subscribers))
        {
            var run = new BroadcastRun([new EncodedBroadcast(broadcast, position)]);
            metrics.MessagesOut(subscribers.Deliver(_ => run, except));
        }
    }

    /// <summary>
    /// Queues for every group of a topic's subscribers its own payloads: for all groups, or it throws before the first.
    /// Groups that get the same payloads share their encoding.
    /// </summary>
    public void BroadcastAll(string topic, string @event, IReadOnlyList<GroupedPayload> payloads)
    {
        foreach (var _ in payloads)
        {
            metrics.BroadcastSent();
        }

        if (_topics.TryGetValue(topic, out var subscribers))
        {
            var runs = new RunsByGroup(topic, @event, payloads);
            metrics.MessagesOut(subscribers.Deliver(runs.For, except: null));
        }
    }

    /// <summary>The number of a topic's subscriptions, held ones included.</summary>
    public int SubscriberCount(string topic) => _topics.TryGetValue(topic, out var subscribers) ? subscribers.Count : 0;

    internal static void Check(in Broadcast broadcast)
    {
        if (broadcast.Payload.IsBinary)
        {
            BinaryFrame.Check(broadcast);
        }
        else if (!broadcast.Payload.IsObject)
        {
            throw new ArgumentException(
                "The payload of a broadcast must be a JSON object or binary.", nameof(broadcast));
        }
    }

    private static TopicSubscribers Create(string topic, ConcurrentDictionary<string, TopicSubscribers> topics) =>
        new(emptied => topics.TryRemove(KeyValuePair.Create(topic, emptied)));
}
