using Microsoft.Net.Http.Headers;

namespace Kaffediem.Server.Records;

/// <summary>
/// The tags of lists that were read, each with the seq for which it is valid: a polling client gets 304 without a read
/// of the records. Thread-safe.
/// </summary>
internal sealed class ListTags
{
    // Clients choose the queries: beyond this many, the oldest is dropped.
    private const int MaxKept = 64;

    // Guards _kept, for a look-up or an entry.
    private readonly Lock _lock = new();
    private readonly OrderedDictionary<Key, Kept> _kept = [];

    /// <summary>The list's tag, if it was read since the last change.</summary>
    public EntityTagHeaderValue? Find(Key key, long lastSeq)
    {
        lock (_lock)
        {
            return _kept.TryGetValue(key, out var kept) && kept.Seq == lastSeq ? kept.Tag : null;
        }
    }

    /// <summary>Keeps the tag of a list that was read after the change.</summary>
    public void Keep(Key key, long seq, EntityTagHeaderValue tag)
    {
        lock (_lock)
        {
            _kept.Remove(key);
            if (_kept.Count == MaxKept)
            {
                _kept.RemoveAt(0);
            }

            _kept.Add(key, new Kept(seq, tag));
        }
    }

    /// <summary>Identifies a list.</summary>
    /// <param name="BaseUrl">The beginning of addresses in the records; empty where they have none.</param>
    /// <param name="Query">As it was sent.</param>
    public readonly record struct Key(string BaseUrl, string? Query);

    private readonly record struct Kept(long Seq, EntityTagHeaderValue Tag);
}
