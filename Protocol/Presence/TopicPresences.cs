using System.Text.Json.Nodes;

namespace Kaffediem.Protocol;

/// <summary>
/// The presences of one topic. Changes by the application are broadcast at once, each as a diff of its own. Leaves of
/// channels that end are broadcast a moment later, together, as one diff. Otherwise, when ten thousand connections
/// break, every remaining client would be sent ten thousand diffs.
/// </summary>
internal sealed class TopicPresences(
    string topic, PubSub pubSub, int maxPerKey, Action<TopicPresences> onEmpty) : IThreadPoolWorkItem
{
    // Guards everything below, and is held while a diff is broadcast or a state pushed, which only queues them: so
    // diffs go out in the order of the changes, and a state holds exactly the changes whose diffs were broadcast before
    // it. (Up to 1.3 phoenix.js counts a meta twice that is in the state and in a later diff.) The outermost lock
    // (docs/design.md, "Who runs when").
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedList<PresenceEntry>> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<Channel, Dictionary<string, LinkedListNode<PresenceEntry>>> _channels =
        new(ReferenceEqualityComparer.Instance);

    private List<PresenceEntry> _unannouncedLeaves = [];
    private Payload? _state;
    private bool _isScheduled;
    private bool _isEmptied;

    /// <summary>Adds a presence, unless its channel has ended or its key has too many.</summary>
    /// <returns><c>false</c> when the last presence has just left and this object with it: look again.</returns>
    public bool TryTrack(PresenceEntry entry, out bool isTracked)
    {
        lock (_lock)
        {
            isTracked = false;
            if (_isEmptied)
            {
                return false;
            }

            isTracked = _keys.GetValueOrDefault(entry.Key)?.Count is not { } count || count < maxPerKey;
            isTracked = isTracked && entry.Channel.TryCallAtEnd(Leave);
            if (isTracked)
            {
                Add(entry);
                Announce([entry], []);
            }

            DropIfEmpty();
            return true;
        }
    }

    public PresenceEntry? Find(Channel channel, string key)
    {
        lock (_lock)
        {
            return FindNode(channel, key)?.Value;
        }
    }

    /// <summary>Replaces a presence, if it is still there.</summary>
    public bool TryReplace(PresenceEntry old, PresenceEntry entry)
    {
        lock (_lock)
        {
            if (FindNode(old.Channel, old.Key) is not { } node || node.Value != old)
            {
                return false;
            }

            Remove(node);
            Add(entry);
            Announce([entry], [old]);
            return true;
        }
    }

    public void Untrack(Channel channel, string key)
    {
        lock (_lock)
        {
            if (FindNode(channel, key) is { } node)
            {
                Remove(node);
                Announce([], [node.Value]);
                DropIfEmpty();
            }
        }
    }

    /// <summary>The channel has ended: all its presences leave.</summary>
    public void Leave(Channel channel)
    {
        lock (_lock)
        {
            foreach (var node in _channels.GetValueOrDefault(channel)?.Values.ToArray() ?? [])
            {
                Remove(node);
                _unannouncedLeaves.Add(node.Value);
            }

            // To the end of the pool's queue, so that all channels that are about to end come first.
            if (_unannouncedLeaves.Count > 0 && !_isScheduled)
            {
                _isScheduled = true;
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        lock (_lock)
        {
            _isScheduled = false;
        }

        AnnounceScheduledLeaves();
    }

    /// <summary>Broadcasts the leaves that have gathered so far.</summary>
    public void AnnounceScheduledLeaves()
    {
        lock (_lock)
        {
            AnnounceLeaves();
            DropIfEmpty();
        }
    }

    public IReadOnlyDictionary<string, IReadOnlyList<JsonObject>> List()
    {
        KeyValuePair<string, PresenceEntry[]>[] keys;
        lock (_lock)
        {
            keys = [.. _keys.Select(key => KeyValuePair.Create(key.Key, key.Value.ToArray()))];
        }

        return keys.ToDictionary(
            key => key.Key,
            key => (IReadOnlyList<JsonObject>)[.. key.Value.Select(entry => entry.ToObject())],
            StringComparer.Ordinal);
    }

    /// <summary>Pushes the state to a client, and drops the held diffs of changes that the state contains.</summary>
    /// <returns><c>false</c> when the last presence has just left and this object with it: look again.</returns>
    public bool TryPushState(Channel channel)
    {
        lock (_lock)
        {
            if (_isEmptied)
            {
                return false;
            }

            AnnounceLeaves();
            channel.Subscription.Forget(Events.PresenceDiff);
            channel.Send(Events.PresenceState, _state ??= PresenceJson.State(_keys.Values));
            DropIfEmpty();
            return true;
        }
    }

    private LinkedListNode<PresenceEntry>? FindNode(Channel channel, string key) =>
        _channels.GetValueOrDefault(channel)?.GetValueOrDefault(key);

    private void Add(PresenceEntry entry)
    {
        var keysOfChannel = _channels.GetValueOrDefault(entry.Channel) ?? new(StringComparer.Ordinal);
        if (keysOfChannel.ContainsKey(entry.Key))
        {
            throw new InvalidOperationException($"The channel of topic \"{topic}\" tracks this key already.");
        }

        var entriesOfKey = _keys.GetValueOrDefault(entry.Key) ?? new();
        keysOfChannel.Add(entry.Key, entriesOfKey.AddLast(entry));
        _channels[entry.Channel] = keysOfChannel;
        _keys[entry.Key] = entriesOfKey;
        _state = null;
    }

    private void Remove(LinkedListNode<PresenceEntry> node)
    {
        var entry = node.Value;
        var (keysOfChannel, entriesOfKey) = (_channels[entry.Channel], _keys[entry.Key]);
        keysOfChannel.Remove(entry.Key);
        if (keysOfChannel.Count == 0)
        {
            _channels.Remove(entry.Channel);
        }

        entriesOfKey.Remove(node);
        if (entriesOfKey.Count == 0)
        {
            _keys.Remove(entry.Key);
        }

        _state = null;
    }

    private void Announce(PresenceEntry[] joins, PresenceEntry[] leaves)
    {
        AnnounceLeaves(); // they came before
        Broadcast(joins, leaves);
    }

    private void AnnounceLeaves()
    {
        if (_unannouncedLeaves.Count > 0)
        {
            Broadcast([], _unannouncedLeaves);
            _unannouncedLeaves = [];
        }
    }

    private void Broadcast(IEnumerable<PresenceEntry> joins, IEnumerable<PresenceEntry> leaves) =>
        pubSub.Broadcast(new Broadcast(topic, Events.PresenceDiff, PresenceJson.Diff(joins, leaves)));

    private void DropIfEmpty()
    {
        if (!_isEmptied && _channels.Count == 0 && _unannouncedLeaves.Count == 0)
        {
            _isEmptied = true;
            onEmpty(this);
        }
    }
}
