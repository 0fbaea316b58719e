using System.Collections.Concurrent;
using Kaffediem.IntegrationTests.Reliability.Hostile;

namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>Sockets that are opened, say something, and read until they are all hung up.</summary>
internal sealed class HeldSockets
{
    private const int AtOnce = 8;

    private readonly ConcurrentBag<RawLine> _lines = [];
    private readonly ConcurrentBag<Task> _reading = [];

    /// <summary>Opens them.</summary>
    /// <param name="count">How many.</param>
    /// <param name="attackers">By whom.</param>
    /// <param name="headers">Lines of the head of each.</param>
    /// <param name="message">What each says.</param>
    /// <param name="stop">Until then they read.</param>
    public async Task OpenAsync(
        int count, IReadOnlyList<Attacker> attackers, Func<int, string> headers, string message, CancellationToken stop)
    {
        var opening = new ParallelOptions { MaxDegreeOfParallelism = AtOnce };
        await Parallel.ForEachAsync(Enumerable.Range(0, count), opening, async (number, _) =>
        {
            if (!stop.IsCancellationRequested
                && await attackers[number % attackers.Count].OpenSocketAsync(stop, headers(number)) is { } line)
            {
                _lines.Add(line);
                await Attacker.TrySendAsync(line, message);
                _reading.Add(Attacker.IsDoneAsync(() => line.DrainAsync(stop)));
            }
        });
    }

    /// <summary>Hangs up all of them.</summary>
    public async Task HangUpAsync()
    {
        foreach (var line in _lines)
        {
            line.HangUp();
        }

        await Task.WhenAll(_reading);
    }
}
