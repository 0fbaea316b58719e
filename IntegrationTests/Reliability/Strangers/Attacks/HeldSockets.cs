using System.Collections.Concurrent;

namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>Sockets that are opened, send a message, and read until the attack is stopped.</summary>
/// <param name="name">What the attackers do.</param>
/// <param name="count">How many sockets.</param>
/// <param name="message">What each sends.</param>
/// <param name="headerOf">A header line of each one's request.</param>
/// <param name="hold">What happens until the attack is stopped; <c>null</c>: nothing.</param>
internal sealed class HeldSockets(
    string name,
    int count,
    string message,
    Func<AttackedShop, int, string> headerOf,
    Func<AttackedShop, CancellationToken, Task>? hold = null) : IAttack
{
    private const int AtOnce = 8;

    public string Name => name;

    public long MayGrow => 128L << 20;

    public bool IsUnderWay { get; private set; }

    public async Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop)
    {
        IsUnderWay = false;
        var (lines, reading) = (new ConcurrentBag<RawConnection>(), new ConcurrentBag<Task>());
        var opening = new ParallelOptions { MaxDegreeOfParallelism = AtOnce };
        await Parallel.ForEachAsync(Enumerable.Range(0, count), opening, async (number, _) =>
        {
            if (!stop.IsCancellationRequested
                && await attackers[number % attackers.Count].OpenSocketAsync(stop, headerOf(shop, number)) is { } line)
            {
                lines.Add(line);
                await Attacker.TrySendAsync(line, message);
                reading.Add(Attacker.IsDoneAsync(() => line.DrainAsync(stop)));
            }
        });
        IsUnderWay = true;
        await (hold?.Invoke(shop, stop) ?? Task.WhenAny(Task.Delay(Timeout.Infinite, stop)));
        foreach (var line in lines)
        {
            line.Reset();
        }

        await Task.WhenAll(reading);
    }
}
