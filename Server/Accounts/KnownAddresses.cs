using System.Net;

namespace Kaffediem.Server.Accounts;

/// <summary>
/// The networks from which users have signed in since the start, a bounded number for each account: someone with one
/// account and many addresses cannot displace those of others. Not thread-safe.
/// </summary>
internal sealed class KnownAddresses
{
    private const int MaxPerAccount = 16;

    // The latest last. Only a right password adds an account, so there are no more than users.
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
