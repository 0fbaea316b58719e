using System.Net;
using Microsoft.Extensions.Logging;

namespace Kaffediem.Protocol;

/// <summary>
/// The memory that holds bodies and messages whose end has not arrived. A client decides when it arrives, if ever, so
/// this memory is bounded for each client and in total. Signed-in users have their own budget of the same size, which
/// strangers cannot use up. Thread-safe.
/// </summary>
public sealed partial class UnfinishedInput
{
    /// <summary>
    /// How many bytes of a body or message are free: no more than its connection itself takes up. Nearly all bodies and
    /// messages are shorter.
    /// </summary>
    public const int FreeBytes = 4096;

    private readonly Budget<IPAddress> _ofStrangers;
    private readonly Budget<string> _ofUsers;
    private readonly LogThrottle _throttle;
    private readonly ILogger<UnfinishedInput> _logger;

    internal UnfinishedInput(PhoenixOptions options, TimeProvider time, ILogger<UnfinishedInput> logger)
    {
        _ofStrangers = new Budget<IPAddress>(options);
        _ofUsers = new Budget<string>(options);
        _throttle = new LogThrottle(time);
        _logger = logger;
    }

    /// <summary>Begins to hold a body or message. Nothing counts yet.</summary>
    /// <param name="address">The client's address.</param>
    /// <param name="user">The signed-in user, by id or else by name; <c>null</c> for a stranger.</param>
    public HeldInput Begin(IPAddress? address, string? user) => new(this, address, user);

    // Clients without an address, for example over a Unix socket, count as one.
    internal HoldResult Move(IPAddress? address, string? user, long from, long to)
    {
        var result = user is null
            ? _ofStrangers.Move(ClientNetwork.Of(address) ?? IPAddress.None, from, to)
            : _ofUsers.Move(user, from, to);
        if (result != HoldResult.Held && _throttle.Allows(out var leftOut))
        {
            LogRefused(_logger, address, leftOut);
        }

        return result;
    }

    [LoggerMessage(
        LogLevel.Warning,
        "REFUSED a body or message from {Address}: too much is held whose end has not arrived. "
            + "Refused since the last such line: {LeftOut} more.")]
    private static partial void LogRefused(ILogger logger, IPAddress? address, int leftOut);

    private sealed class Budget<TOwner>(PhoenixOptions options) where TOwner : notnull
    {
        // Guards both fields, for one look and one change.
        private readonly Lock _lock = new();
        private readonly Dictionary<TOwner, long> _byOwner = [];
        private long _total;

        // The only body of its owner always fits, because an upload may be larger than the bound.
        public HoldResult Move(TOwner owner, long from, long to)
        {
            lock (_lock)
            {
                var (others, ofOthers) = (_total - from, _byOwner.GetValueOrDefault(owner) - from);
                if (to > from && others > 0 && others + to > options.MaxUnfinishedBytes)
                {
                    return HoldResult.TooMuchInAll;
                }

                if (to > from && ofOthers > 0 && ofOthers + to > options.MaxUnfinishedBytesPerClient)
                {
                    return HoldResult.TooMuchOfClient;
                }

                _total = others + to;
                if ((_byOwner[owner] = ofOthers + to) == 0)
                {
                    _byOwner.Remove(owner);
                }

                return HoldResult.Held;
            }
        }
    }
}

/// <summary>Whether there is room for the bytes of a body or message that have arrived.</summary>
public enum HoldResult
{
    /// <summary>There is.</summary>
    Held,

    /// <summary>The client holds too many bytes already: answer 429.</summary>
    TooMuchOfClient,

    /// <summary>All clients together hold too many bytes: answer 503.</summary>
    TooMuchInAll,
}

/// <summary>
/// One body, or the part of a connection's message that has arrived, until it is disposed of. Used by one thread at a
/// time.
/// </summary>
public sealed class HeldInput : IDisposable
{
    private readonly UnfinishedInput _input;
    private readonly IPAddress? _address;
    private readonly string? _user;
    private long _held;

    internal HeldInput(UnfinishedInput input, IPAddress? address, string? user) =>
        (_input, _address, _user) = (input, address, user);

    /// <summary>Sets how many bytes are held, unless there is no room.</summary>
    /// <param name="bytes">All bytes that have arrived.</param>
    public HoldResult Hold(long bytes)
    {
        var counted = bytes > UnfinishedInput.FreeBytes ? bytes : 0;
        if (counted == _held)
        {
            return HoldResult.Held;
        }

        var result = _input.Move(_address, _user, _held, counted);
        _held = result == HoldResult.Held ? counted : _held;
        return result;
    }

    /// <summary>The end has arrived, or never will.</summary>
    public void Dispose() => Hold(0);
}
