using System.Net;
using Kaffediem.Protocol;

namespace Kaffediem.Server.Accounts;

/// <summary>
/// Grants turns to compare a password. A turn keeps a core busy for a quarter of a second. Every owner has an equal
/// share of the line: among known devices an account, among strangers an address or a /64 network of IPv6. Thread-safe.
/// </summary>
/// <param name="turns">How many passwords are compared at the same time.</param>
internal sealed class SignInLine(int turns)
{
    // A minute's work for a core. Further ones are refused, so that a flood does not keep everybody waiting.
    private const int Capacity = 200;

    // Guards all fields. Waiters are completed after it is released.
    private readonly Lock _lock = new();
    private readonly FairLine<Waiter> _line = new(Capacity);
    private int _free = turns;

    /// <summary>How many wait for a turn.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _line.Count;
            }
        }
    }

    /// <summary>
    /// Waits for a turn, which ends with <see cref="Leave"/>. Cancelling gives up the place in the line: a password
    /// whose client has gone is not compared.
    /// </summary>
    /// <returns>Whether the turn was granted; <c>false</c> if the line is full.</returns>
    public async Task<bool> EnterAsync(string owner, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = new Waiter();
        Waiter? displaced;
        lock (_lock)
        {
            if (_free > 0)
            {
                _free--;
                return true;
            }

            if (!_line.TryAdd(owner, waiter, out displaced))
            {
                return false;
            }
        }

        displaced?.TrySetResult(false);
        using var registration = cancellationToken.Register(() => GiveUp(waiter, cancellationToken));
        return await waiter.Task;
    }

    /// <summary>Ends a turn and grants the next one.</summary>
    public void Leave()
    {
        Waiter? next;
        lock (_lock)
        {
            next = _line.TakeNext();
            _free += next is null ? 1 : 0;
        }

        next?.TrySetResult(true);
    }

    private void GiveUp(Waiter waiter, CancellationToken cancellationToken)
    {
        bool waits;
        lock (_lock)
        {
            waits = _line.Remove(waiter);
        }

        // Otherwise it has been granted its turn already.
        if (waits)
        {
            waiter.TrySetCanceled(cancellationToken);
        }
    }

    private sealed class Waiter() : TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>The share of the line that an attempt belongs to.</summary>
/// <param name="IsKnown">Whether it comes from a known device of the account that it is for.</param>
/// <param name="Owner">The account of a known device, or a stranger's address.</param>
internal readonly record struct LineShare(bool IsKnown, string Owner)
{
    public static LineShare Of(SignInAttempt attempt) => attempt.Device is { } device
        ? new LineShare(IsKnown: true, $"{device.UserId}")
        : OfStranger(attempt.Address);

    public static LineShare OfStranger(IPAddress? address) =>
        new(IsKnown: false, ClientNetwork.Of(address)?.ToString() ?? "");
}
