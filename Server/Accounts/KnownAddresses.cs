using System.Net;

namespace Kaffediem.Server.Accounts;

/// <summary>
/// The networks from which users have signed in since the start. Their number is bounded per account, so that one
/// account with many addresses cannot displace those of others. Not thread-safe.
/// </summary>
internal sealed class KnownAddresses
{
    private const int MaxPerAccount = 16;

    // The latest is the last. Only a correct password adds an account, so there are no more accounts than users.
    private readonly Dictionary<string, List<IPAddress?>> _networks = [];

    public bool Contains(string account, IPAddress? network) =>
        _networks.TryGetValue(account, out var known) && known.Contains(network);

    public void Add(string account, IPAddress? network)
    {
        if (!_networks.TryGetValue(account, out var known))
        {
            _networks[account] = known = [];
        }

        known.Remove(network);
        known.Add(network);
        if (known.Count > MaxPerAccount)
        {
            known.RemoveAt(0);
        }
    }
}
