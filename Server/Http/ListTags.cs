using Microsoft.Net.Http.Headers;

namespace Kaffediem.Server.Http;

/// <summary>
/// The tags of lists that were read, each with the seq it holds for: who polls is told that nothing has changed without
/// a look at the records. Thread-safe.
/// </summary>
internal sealed class ListTags
{
    // Queries come from the clients: more different ones than this are not worth keeping.
    private const int MaxKept = 64;

    // Guards _kept, for a look or an entry.
    private readonly Lock _lock = new();
    private readonly Dictionary<Key, Kept> _kept = [];

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
            if (_kept.Count >= MaxKept)
            {
                _kept.Clear();
            }

            _kept[key] = new Kept(seq, tag);
        }
    }

    /// <summary>What makes a list another list.</summary>
    /// <param name="Host">The server's name: URLs in the records may begin with it.</param>
    /// <param name="Query">As it was sent.</param>
    public readonly record struct Key(string Host, string Query)
    {
        public static Key Of(HttpRequest request) =>
            new($"{request.Scheme}://{request.Host}", request.QueryString.Value ?? "");
    }

    private readonly record struct Kept(long Seq, EntityTagHeaderValue Tag);
}
