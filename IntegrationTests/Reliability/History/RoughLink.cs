using Kaffediem.IntegrationTests.Shop;
using Kaffediem.IntegrationTests.Shop.History;
using Kaffediem.IntegrationTests.Shop.Links;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.History;

/// <summary>A client's link to the server, with random faults.</summary>
/// <param name="who">The client.</param>
/// <param name="server">The server.</param>
/// <param name="random">Decides which faults happen, and when.</param>
/// <param name="history">Records the faults.</param>
/// <param name="tally">Counts the faults.</param>
internal sealed class RoughLink(
    string who, Uri server, SeededRandom random, ShopHistory history, Tally tally) : IAsyncDisposable
{
    // In milliseconds.
    private const int LongestQuiet = 600;
    private const int LongestFault = 1200;
    private const int LongestPause = 3;

    private const int LargestPiece = 200;

    private readonly FaultyLink _link = new(server);

    public Uri Address => _link.Address;

    /// <summary>Suffers a fault, or none, and then heals.</summary>
    public async Task SufferAsync()
    {
        await WaitAsync(LongestQuiet);
        switch (random.Below(6))
        {
            case 0:
                await ResetAsync();
                break;
            case 1:
                await SlowAsync();
                break;
            case 2:
                await HoldAsync(_link.Up, "nothing goes up");
                break;
            case 3:
                await HoldAsync(_link.Down, "nothing comes down");
                break;
        }

        _link.Heal();
    }

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    private async Task ResetAsync()
    {
        for (var left = 1 + random.Below(3); left > 0; left--)
        {
            Reset();
            await WaitAsync(LongestFault / 2);
        }
    }

    private async Task SlowAsync()
    {
        Record("slow links");
        _link.Up.Slow(1 + random.Below(LargestPiece), 1 + random.Below(LongestPause));
        _link.Down.Slow(1 + random.Below(LargestPiece), 1 + random.Below(LongestPause));
        await WaitAsync(LongestFault);
        if (random.OneIn(2))
        {
            Reset(); // in the middle of a transfer
        }
    }

    private async Task HoldAsync(LinkDirection direction, string what)
    {
        Record(what);
        direction.Hold();
        await WaitAsync(LongestFault);
        if (random.OneIn(2))
        {
            Reset(); // the held bytes are lost
        }
    }

    private void Reset()
    {
        Record("links reset");
        _link.Reset();
    }

    private void Record(string what)
    {
        history.Add(new Happened(who, what));
        tally.Count(what);
    }

    private Task WaitAsync(int longest) => Task.Delay(random.Below(longest));
}
