using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Kaffediem.Protocol;

/// <summary>
/// The clients that are on a topic now (phoenix@167c469 <c>lib/phoenix/presence.ex</c>). A channel tracks its client
/// under a key, usually the user's id; two tabs of one user are one key with two metas. Everyone on the topic gets a
/// <c>presence_diff</c> for each change. When a channel ends, for whatever reason, its presences leave. A singleton
/// that a channel's constructor can ask for. It knows only the channels of this process. Thread-safe.
/// </summary>
public sealed class Presence
{
    // phoenix.js up to 1.8.8 keeps presences in a plain object: such a key would be found there without anybody being
    // present (CVE-2026-56812). The list is Object.getOwnPropertyNames(Object.prototype).
    private static readonly FrozenSet<string> ReservedKeys = FrozenSet.Create(
        StringComparer.Ordinal,
        "__proto__", "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__", "constructor",
        "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf");

    private readonly ConcurrentDictionary<string, TopicPresences> _topics = new(StringComparer.Ordinal);
    private readonly PubSub _pubSub;
    private readonly PhoenixOptions _options;

    internal Presence(PubSub pubSub, PhoenixOptions options) => (_pubSub, _options) = (pubSub, options);

    /// <summary>
    /// Adds a presence to the channel's topic, until the channel ends. Also callable during the join.
    /// </summary>
    /// <param name="channel">Whose presence it is.</param>
    /// <param name="key">
    /// The key in the clients' lists: not empty, and not a member of JavaScript's Object.prototype.
    /// </param>
    /// <param name="meta">
    /// The data that clients get about it; small. Members called phx_ref or phx_ref_prev are overwritten.
    /// </param>
    /// <returns>
    /// Its <c>phx_ref</c>; <c>null</c> if nothing is tracked, because the channel has ended or the key has
    /// <see cref="PhoenixOptions.MaxPresencesPerKey"/> presences on the topic. In that case refuse a join: phoenix.js
    /// repeats it.
    /// </returns>
    /// <exception cref="ArgumentException">The key is empty or reserved.</exception>
    /// <exception cref="InvalidOperationException">
    /// The channel tracks the key already (as Phoenix: already_tracked).
    /// </exception>
    public string? Track(Channel channel, string key, JsonObject meta)
    {
        if (key.Length == 0 || ReservedKeys.Contains(key))
        {
            throw new ArgumentException($"\"{key}\" cannot be the key of a presence.", nameof(key));
        }

        var entry = PresenceEntry.Create(channel, key, meta);
        bool isTracked;
        while (!TopicOf(channel).TryTrack(entry, out isTracked))
        {
            // The last presence has just left the topic, and this object with it: look again.
        }

        return isTracked ? entry.PhxRef : null;
    }

    /// <summary>Replaces the meta of a presence.</summary>
    /// <param name="channel">Whose presence it is.</param>
    /// <param name="key">What it was tracked under.</param>
    /// <param name="meta">The whole new meta.</param>
    /// <returns>
    /// Its new <c>phx_ref</c>; <c>null</c> if the channel does not track the key (as Phoenix: nopresence).
    /// </returns>
    public string? Update(Channel channel, string key, JsonObject meta) => Update(channel, key, _ => meta);

    /// <summary>Changes the meta of a presence.</summary>
    /// <param name="channel">Whose presence it is.</param>
    /// <param name="key">What it was tracked under.</param>
    /// <param name="change">
    /// Returns the new meta, made from the old one, which it may change. Called again if another change came first.
    /// </param>
    /// <returns>
    /// Its new <c>phx_ref</c>; <c>null</c> if the channel does not track the key (as Phoenix: nopresence).
    /// </returns>
    public string? Update(Channel channel, string key, Func<JsonObject, JsonObject> change)
    {
        while (_topics.TryGetValue(channel.Topic, out var topic) && topic.Find(channel, key) is { } old)
        {
            // Not under a lock, because it calls the application's code.
            var entry = PresenceEntry.Create(channel, key, change(old.ToObject()), previous: old.PhxRef);
            if (topic.TryReplace(old, entry))
            {
                return entry.PhxRef;
            }
        }

        return null;
    }

    /// <summary>
    /// Removes a presence before its channel ends. Does nothing if the channel does not track the key.
    /// </summary>
    /// <param name="channel">Whose presence it is.</param>
    /// <param name="key">What it was tracked under.</param>
    public void Untrack(Channel channel, string key)
    {
        if (_topics.TryGetValue(channel.Topic, out var topic))
        {
            topic.Untrack(channel, key);
        }
    }

    /// <summary>All presences of a topic: the metas of each key, oldest first.</summary>
    /// <param name="topic">The topic.</param>
    public IReadOnlyDictionary<string, IReadOnlyList<JsonObject>> List(string topic) =>
        _topics.TryGetValue(topic, out var presences)
            ? presences.List()
            : FrozenDictionary<string, IReadOnlyList<JsonObject>>.Empty;

    /// <summary>
    /// Pushes all presences of the channel's topic to its client, as <c>presence_state</c>: usually once, during the
    /// join. The client then gets a diff for exactly the changes that the state does not contain.
    /// </summary>
    /// <param name="channel">The client's channel.</param>
    public void PushState(Channel channel)
    {
        while (!TopicOf(channel).TryPushState(channel))
        {
            // As above.
        }
    }

    /// <summary>Broadcasts the leaves that still wait for others to be broadcast together with.</summary>
    internal void AnnounceLeaves()
    {
        foreach (var (_, topic) in _topics)
        {
            topic.AnnounceScheduledLeaves();
        }
    }

    private TopicPresences TopicOf(Channel channel) => _topics.GetOrAdd(
        channel.Topic,
        static (topic, self) => new TopicPresences(
            topic,
            self._pubSub,
            self._options.MaxPresencesPerKey,
            emptied => self._topics.TryRemove(KeyValuePair.Create(topic, emptied))),
        this);
}
