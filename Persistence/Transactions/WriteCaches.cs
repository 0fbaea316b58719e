using System.Data;

namespace Kaffediem.Persistence.Transactions;

/// <summary>
/// Records that a store has read through the writer's connection and keeps for its next write. Only the thread that
/// runs a batch of writes uses them.
/// </summary>
internal interface IWriteCache
{
    /// <summary>Forgets what a write that changed records of these collections may have made stale.</summary>
    void OnWritten(IReadOnlyList<string> collections);

    /// <summary>
    /// Forgets everything: a write that the cache may have seen was undone, or another program has written.
    /// </summary>
    void Forget();
}

/// <summary>
/// The caches that the stores have on the writer's connection. A store adds its own at its first use.
/// </summary>
internal sealed class WriteCaches(IDbConnection connection)
{
    private readonly Dictionary<Type, IWriteCache> _caches = [];

    /// <summary>A store's cache.</summary>
    /// <param name="make">Makes the cache if the store has none yet.</param>
    public TCache Get<TCache>(Func<IDbConnection, TCache> make)
        where TCache : IWriteCache
    {
        if (_caches.TryGetValue(typeof(TCache), out var known))
        {
            return (TCache)known;
        }

        var cache = make(connection);
        _caches.Add(typeof(TCache), cache);
        return cache;
    }

    /// <inheritdoc cref="IWriteCache.OnWritten"/>
    public void OnWritten(IReadOnlyList<string> collections)
    {
        foreach (var cache in _caches.Values)
        {
            cache.OnWritten(collections);
        }
    }

    /// <inheritdoc cref="IWriteCache.Forget"/>
    public void Forget()
    {
        foreach (var cache in _caches.Values)
        {
            cache.Forget();
        }
    }
}
