using System.Net;

namespace Kaffediem.Protocol;

/// <summary>A number of places: in total, for each network, and as many again for each user that is counted.</summary>
internal sealed class ConnectionPlaces(int max, int maxPerOwner)
{
    // Guards all counts, for one look and one change.
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _byNetwork = [];
    private readonly Dictionary<string, int> _byUser = new(StringComparer.Ordinal);
    private int _total;

    /// <summary>Takes a place, which has to be given back by disposing of it.</summary>
    /// <param name="network">Where the client comes from; <c>null</c>: counted in total only.</param>
    /// <param name="user">The user to count it for, if any: a single account cannot take all places.</param>
    public (IDisposable? Place, Refusal? Refusal) Enter(IPAddress? network, string? user)
    {
        lock (_lock)
        {
            if (Find(network, user) is { } refusal)
            {
                return (null, refusal);
            }

            _total++;
            Add(_byNetwork, network, 1);
            Add(_byUser, user, 1);
            return (new Place(this, network, user), null);
        }
    }

    /// <summary>Why there is no place now; <c>null</c> if there is one.</summary>
    public Refusal? FindRefusal(IPAddress? network, string? user)
    {
        lock (_lock)
        {
            return Find(network, user);
        }
    }

    private Refusal? Find(IPAddress? network, string? user)
    {
        if (_total >= max)
        {
            return Refusal.TooManyConnections;
        }

        return IsFull(_byNetwork, network) || IsFull(_byUser, user) ? Refusal.TooManyFromAddress : null;
    }

    private bool IsFull<T>(Dictionary<T, int> counts, T? owner) where T : class =>
        owner is not null && counts.GetValueOrDefault(owner) >= maxPerOwner;

    private void Leave(IPAddress? network, string? user)
    {
        lock (_lock)
        {
            _total--;
            Add(_byNetwork, network, -1);
            Add(_byUser, user, -1);
        }
    }

    private static void Add<T>(Dictionary<T, int> counts, T? owner, int by) where T : class
    {
        if (owner is not null && (counts[owner] = counts.GetValueOrDefault(owner) + by) == 0)
        {
            counts.Remove(owner);
        }
    }

    private sealed class Place(ConnectionPlaces places, IPAddress? network, string? user) : IDisposable
    {
        private int _isLeft;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isLeft, 1) == 0)
            {
                places.Leave(network, user);
            }
        }
    }
}
