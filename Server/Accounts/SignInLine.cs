using System.Net;
using Kaffediem.Protocol;

namespace Kaffediem.Server.Accounts;

/// <summary>
/// Gives out the turns to compare a password, each of which keeps a core busy for a quarter of a second. Known devices
/// never wait behind strangers, with one exception: after four of them in a row a stranger has a turn, so that they
/// cannot keep strangers out either. Among the known devices each account has an equal share of the line, among the
/// strangers each address, or /64 network of IPv6. Thread-safe.
/// </summary>
/// <param name="turns">How many passwords are compared at the same time.</param>
internal sealed class SignInLine(int turns)
{
    // A minute's work for a core, for each kind. Further ones are refused: a flood is not to keep everybody waiting.
    private const int Capacity = 200;

    private const int MaxKnownInARow = 4;

    // Guards all fields; nothing is completed under it.
    private readonly Lock _lock = new();
    private readonly FairLine<Waiter> _known = new(Capacity);
    private readonly FairLine<Waiter> _strangers = new(Capacity);
    private int _free = turns;
    private int _knownInARow;

    /// <summary>How many wait for a turn.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _known.Count + _strangers.Count;
            }
        }
    }

    /// <summary>
    /// Waits for a turn, which ends with <see cref="Leave"/>. Gives up the place in the line when cancelled: a password
    /// whose client has gone is not compared.
    /// </summary>
    /// <returns>Whether it is this one's turn: not if the line is full.</returns>
    public async Task<bool> EnterAsync(LineShare share, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var line = share.IsKnown ? _known : _strangers;
        var waiter = new Waiter();
        Waiter? displaced;
        lock (_lock)
        {
            if (_free > 0)
            {
                _free--;
                return true;
            }

            if (!line.TryAdd(share.Owner, waiter, out displaced))
            {
                return false;
            }
        }

        displaced?.TrySetResult(false);
        using var registration = cancellationToken.Register(() => GiveUp(line, waiter, cancellationToken));
        return await waiter.Task;
    }

    /// <summary>Ends a turn, and begins the next one's.</summary>
    public void Leave()
    {
        Waiter? next;
        lock (_lock)
        {
            next = TakeNext();
            _free += next is null ? 1 : 0;
        }

        next?.TrySetResult(true);
    }

    private Waiter? TakeNext()
    {
        var isStrangersTurn = _known.Count == 0 || (_knownInARow >= MaxKnownInARow && _strangers.Count > 0);
        _knownInARow = isStrangersTurn ? 0 : _knownInARow + 1;
        return isStrangersTurn ? _strangers.TakeNext() : _known.TakeNext();
    }

    private void GiveUp(FairLine<Waiter> line, Waiter waiter, CancellationToken cancellationToken)
    {
        bool waits;
        lock (_lock)
        {
            waits = line.Remove(waiter);
        }

        // Otherwise its turn has come already.
        if (waits)
        {
            waiter.TrySetCanceled(cancellationToken);
        }
    }

    private sealed class Waiter() : TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>Whose share of the line an attempt takes.</summary>
/// <param name="IsKnown">Whether it comes from a known device of the account that it is for.</param>
/// <param name="Owner">The account of a known device, or a stranger's address.</param>
internal readonly record struct LineShare(bool IsKnown, string Owner)
{
    public static LineShare Of(SignInAttempt attempt) => attempt.Device is { } device
        ? new LineShare(IsKnown: true, $"{device.UserId}")
        : OfStranger(attempt.Address);

    public static LineShare OfStranger(IPAddress? address) =>
        new(IsKnown: false, address is null ? "" : ClientNetwork.Of(address).ToString());
}
