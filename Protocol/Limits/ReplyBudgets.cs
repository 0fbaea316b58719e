using System.Net;
using Microsoft.Extensions.Logging;

namespace Kaffediem.Protocol;

/// <summary>
/// The reply budgets that connections share, besides the one that each has: one for all connections of an address (or
/// /64 network), and one for all of a signed-in user. Connecting again, or opening a thousand connections, does not
/// give a client a fresh budget. Strangers never use up the budget of a user at the same address. Thread-safe.
/// </summary>
internal sealed partial class ReplyBudgets(PhoenixOptions options, TimeProvider time, ILogger<ReplyBudgets> logger)
{
    private const int FewClients = 64;

    private readonly LogThrottle _throttle = new(time);

    // Guards everything below, the counts of connections included, for a look and a change or a walk over all clients.
    private readonly Lock _lock = new();
    private readonly Dictionary<object, SharedReplyBudget> _byClient = [];
    private int _mostClients = FewClients;

    /// <summary>Finds the budget of a new connection, which must <see cref="Leave"/> it once it has ended.</summary>
    /// <param name="address">
    /// The client's address; clients without one, for example over a Unix socket, count as one.
    /// </param>
    /// <param name="user">The signed-in user (<see cref="ClientUser"/>); <c>null</c> for a stranger.</param>
    public SharedReplyBudget Enter(IPAddress? address, string? user)
    {
        object client = user is not null ? user : ClientNetwork.Of(address) ?? IPAddress.None;
        lock (_lock)
        {
            if (!_byClient.TryGetValue(client, out var shared))
            {
                ForgetUnused();
                _byClient.Add(client, shared = new SharedReplyBudget(options, time, address));
            }

            shared.Connections++;
            return shared;
        }
    }

    /// <summary>A connection has ended.</summary>
    public void Leave(SharedReplyBudget shared)
    {
        lock (_lock)
        {
            shared.Connections--;
        }
    }

    /// <summary>
    /// Whether the client may ask for another reply. A refusal is logged, once a minute, because the operator's own
    /// screens may be among the refused.
    /// </summary>
    public bool MayAsk(SharedReplyBudget shared)
    {
        if (shared.Budget.HasLeft)
        {
            return true;
        }

        if (_throttle.Allows(out var leftOut))
        {
            LogRefused(logger, shared.Address, leftOut);
        }

        return false;
    }

    // A budget outlives its connections until it is full again. The next walk comes when the number has doubled.
    private void ForgetUnused()
    {
        if (_byClient.Count < _mostClients)
        {
            return;
        }

        foreach (var (client, shared) in _byClient)
        {
            if (shared.Connections == 0 && shared.Budget.IsFull)
            {
                _byClient.Remove(client);
            }
        }

        _mostClients = Math.Max(FewClients, 2 * _byClient.Count);
    }

    [LoggerMessage(
        LogLevel.Warning,
        "REFUSED a join or push from {Address}: its connections have asked for too many bytes of replies. "
            + "Refused since the last such line: {LeftOut} more.")]
    private static partial void LogRefused(ILogger logger, IPAddress? address, int leftOut);
}

/// <summary>The budget of one address or user, for as long as it has connections or is not full.</summary>
/// <param name="options">The limits.</param>
/// <param name="time">Measures the time.</param>
/// <param name="address">The address of the first connection.</param>
internal sealed class SharedReplyBudget(PhoenixOptions options, TimeProvider time, IPAddress? address)
{
    public IPAddress? Address => address;

    public ReplyBudget Budget { get; } =
        new(options.MaxReplyBytesPerSecondPerClient, options.MaxReplyBurstBytesPerClient, time);

    /// <summary>The number of its connections. Guarded by the lock of <see cref="ReplyBudgets"/>.</summary>
    public int Connections { get; set; }
}
