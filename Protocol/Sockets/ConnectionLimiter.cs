using System.Net;

namespace Kaffediem.Protocol;

/// <summary>
/// How many connections there are, in total and from one address. Asked before anything else is done for a client, so
/// that one who is refused costs next to nothing.
/// </summary>
internal sealed class ConnectionLimiter(PhoenixOptions options)
{
    // Guards both counts, for one look and one change.
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _byAddress = [];
    private int _total;

    /// <summary>Takes a place, which has to be given back by disposing of it.</summary>
    public (IDisposable? Place, Refusal? Refusal) Enter(IPAddress? address)
    {
        var network = address is null ? null : ClientNetwork.Of(address);
        lock (_lock)
        {
            if (_total >= options.MaxConnections)
            {
                return (null, Refusal.TooManyConnections);
            }

            if (network is not null)
            {
                var count = _byAddress.GetValueOrDefault(network);
                if (count >= options.MaxConnectionsPerAddress)
                {
                    return (null, Refusal.TooManyFromAddress);
                }

                _byAddress[network] = count + 1;
            }

            _total++;
            return (new Place(this, network), null);
        }
    }

    private void Leave(IPAddress? network)
    {
        lock (_lock)
        {
            _total--;
            if (network is not null && --_byAddress[network] == 0)
            {
                _byAddress.Remove(network);
            }
        }
    }

    private sealed class Place(ConnectionLimiter limiter, IPAddress? network) : IDisposable
    {
        private int _isLeft;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isLeft, 1) == 0)
            {
                limiter.Leave(network);
            }
        }
    }
}
