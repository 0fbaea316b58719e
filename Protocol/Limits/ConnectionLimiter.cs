using System.Net;

namespace Kaffediem.Protocol;

/// <summary>
/// Limits the connections, in total and from one address. Asked before anything else is done for a client, so that
/// refusing one costs next to nothing. A share of the places is reserved for signed-in users: strangers that hold all
/// others do not lock them out.
/// </summary>
internal sealed class ConnectionLimiter
{
    private readonly ConnectionPlaces _open;
    private readonly ConnectionPlaces _kept;

    public ConnectionLimiter(PhoenixOptions options)
    {
        var (kept, keptPerAddress) = (KeptOf(options.MaxConnections), KeptOf(options.MaxConnectionsPerAddress));
        _open = new ConnectionPlaces(options.MaxConnections - kept, options.MaxConnectionsPerAddress - keptPerAddress);
        _kept = new ConnectionPlaces(kept, keptPerAddress);

        int KeptOf(int max) => (int)((long)max * options.KeptForUsersPercent / 100);
    }

    /// <summary>Takes a place, which has to be given back by disposing of it.</summary>
    /// <param name="address">The client's address.</param>
    /// <param name="user">The signed-in user (<see cref="ClientUser"/>); <c>null</c> for a stranger.</param>
    public (IDisposable? Place, Refusal? Refusal) Enter(IPAddress? address, string? user)
    {
        var network = ClientNetwork.Of(address);
        var (place, refusal) = _open.Enter(network, user: null);
        return (place ?? (user is null ? null : _kept.Enter(network, user).Place)) is { } taken
            ? (taken, null)
            : (null, refusal);
    }

    /// <summary>Why a client would get no place now; <c>null</c> if it would get one.</summary>
    public Refusal? FindRefusal(IPAddress? address, string? user)
    {
        var network = ClientNetwork.Of(address);
        return _open.FindRefusal(network, user: null) is { } refusal
            && (user is null || _kept.FindRefusal(network, user) is not null)
                ? refusal
                : null;
    }
}
