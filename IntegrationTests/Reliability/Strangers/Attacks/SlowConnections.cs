namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>Very many connections, and very slow ones.</summary>
internal static class SlowConnections
{
    // Of the 32,768 bytes that Kestrel allows for a head.
    private static readonly string LongText = new('x', 20_000);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    // 4 KB each time: a little more than Reads:MinBytesPerSecond.
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(200);

    private static readonly string AskForImage = $"GET {LargeImage.Path} HTTP/1.1\r\nHost: shop\r\n\r\n";

    public static IReadOnlyList<IAttack> All =>
    [
        new HeldConnections("connections that say nothing", 4000, "", (line, stop) => line.DrainAsync(stop)),
        new HeldConnections("heads without an end", 2000, $"GET / HTTP/1.1\r\nX: {LongText}", DripAsync),
        new HeldConnections("images, unread", 4000, AskForImage, DripAsync),
        new HeldConnections("images, read at a trickle", 600, AskForImage, TrickleAsync),
    ];

    // A byte now and then, until the server ends the connection.
    private static async Task DripAsync(RawConnection line, CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(Pause, stop);
            await line.SendAsync("x");
        }
    }

    private static async Task TrickleAsync(RawConnection line, CancellationToken stop)
    {
        while (await line.ReadSomeAsync(stop) > 0)
        {
            await Task.Delay(Moment, stop);
        }
    }
}
