using System.Collections.Concurrent;

namespace Kaffediem.Protocol;

/// <summary>Topic to subscriptions, in this process.</summary>
internal sealed class PubSub(PhoenixOptions options, PhoenixMetrics metrics)
{
    private readonly ConcurrentDictionary<string, TopicSubscribers> _topics = new(StringComparer.Ordinal);

    /// <summary>Subscribes, held: nothing is delivered before <see cref="Subscription.Release"/>.</summary>
    public Subscription Subscribe(Channel channel, ITransport transport, ISerializer serializer)
    {
        while (true)
        {
            var subscribers = _topics.GetOrAdd(channel.Topic, static (name, topics) => Create(name, topics), _topics);
            var subscription = new Subscription(subscribers, channel, transport, serializer, options.MaxOutboxBytes);
            if (subscribers.TryAdd(subscription))
            {
                return subscription;
            }
        }
    }

    /// <summary>Queues a broadcast for all subscribers but one; for all of them, or it throws before the first.</summary>
    public void Broadcast(in Broadcast broadcast, long position = long.MaxValue, Subscription? except = null)
    {
        Check(broadcast);
        metrics.Broadcast();
        if (_topics.TryGetValue(broadcast.Topic, out var subscribers))
        {
            var encoded = new EncodedBroadcast(broadcast, position);
            metrics.MessagesOut(subscribers.Deliver(_ => encoded, except));
        }
    }

    /// <summary>
    /// Queues for every group of a topic's subscribers what it is to get; for all of them, or it throws before the first.
    /// Groups that get the same payload share its encoding.
    /// </summary>
    public void Broadcast(string topic, string @event, long position, Func<object?, Payload?> payloadOf)
    {
        metrics.Broadcast();
        if (!_topics.TryGetValue(topic, out var subscribers))
        {
            return;
        }

        var encoded = new List<EncodedBroadcast>();
        metrics.MessagesOut(subscribers.Deliver(group => payloadOf(group) is { } payload ? Encode(payload) : null, except: null));

        EncodedBroadcast Encode(Payload payload)
        {
            var broadcast = encoded.Find(known => known.Payload.Bytes.Equals(payload.Bytes));
            if (broadcast is null)
            {
                var message = new Broadcast(topic, @event, payload);
                Check(message);
                encoded.Add(broadcast = new EncodedBroadcast(message, position));
            }

            return broadcast;
        }
    }

    private static void Check(in Broadcast broadcast)
    {
        if (broadcast.Payload.IsBinary)
        {
            BinaryFrame.Check(broadcast);
        }
        else if (!broadcast.Payload.IsObject)
        {
            throw new ArgumentException("The payload of a broadcast must be a JSON object or binary.", nameof(broadcast));
        }
    }

    private static TopicSubscribers Create(string topic, ConcurrentDictionary<string, TopicSubscribers> topics) =>
        new(emptied => topics.TryRemove(KeyValuePair.Create(topic, emptied)));
}
