using System.Collections.Concurrent;

namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>Sockets that are opened, say something, and read until they are all hung up.</summary>
/// <param name="count">How many.</param>
/// <param name="message">What each says.</param>
internal abstract class HeldSockets(int count, string message) : IAttack
{
    private const int AtOnce = 8;

    public abstract string Name { get; }

    public long MayGrow => 128L << 20;

    public bool IsUnderWay { get; private set; }

    public async Task RunAsync(AttackedShop shop, IReadOnlyList<Attacker> attackers, CancellationToken stop)
    {
        IsUnderWay = false;
        var (lines, reading) = (new ConcurrentBag<RawLine>(), new ConcurrentBag<Task>());
        var opening = new ParallelOptions { MaxDegreeOfParallelism = AtOnce };
        await Parallel.ForEachAsync(Enumerable.Range(0, count), opening, async (number, _) =>
        {
            if (!stop.IsCancellationRequested
                && await attackers[number % attackers.Count].OpenSocketAsync(stop, HeaderOf(shop, number)) is { } line)
            {
                lines.Add(line);
                await Attacker.TrySendAsync(line, message);
                reading.Add(Attacker.IsDoneAsync(() => line.DrainAsync(stop)));
            }
        });
        IsUnderWay = true;
        await HoldAsync(shop, stop);
        foreach (var line in lines)
        {
            line.HangUp();
        }

        await Task.WhenAll(reading);
    }

    /// <summary>A line of the head of one of them.</summary>
    protected abstract string HeaderOf(AttackedShop shop, int number);

    /// <summary>What happens until they are hung up (default: nothing).</summary>
    protected virtual Task HoldAsync(AttackedShop shop, CancellationToken stop) =>
        Task.WhenAny(Task.Delay(Timeout.Infinite, stop));
}
