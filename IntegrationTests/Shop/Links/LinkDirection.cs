using System.Net.Sockets;

namespace Kaffediem.IntegrationTests.Shop.Links;

/// <summary>One direction of a link: how it passes on what comes.</summary>
internal sealed class LinkDirection
{
    private const int LargestPiece = 16_384;

    private volatile TaskCompletionSource? _held;
    private volatile int _piece = LargestPiece;
    private volatile int _pause;

    /// <summary>
    /// Passes on from now on at most so many bytes at once, with a pause of so many milliseconds before each.
    /// </summary>
    public void Slow(int piece, int pause) => (_piece, _pause) = (piece, pause);

    /// <summary>Passes nothing on until it is healed, but loses nothing.</summary>
    public void Hold() => _held ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Heal()
    {
        (_piece, _pause) = (LargestPiece, 0);
        var held = _held;
        _held = null;
        held?.TrySetResult();
    }

    /// <summary>Passes on what one side sends, and its end.</summary>
    public async Task PassAsync(Socket from, Socket to)
    {
        var buffer = new byte[LargestPiece];
        while (await from.ReceiveAsync(buffer) is var count and > 0)
        {
            await SendAsync(to, buffer.AsMemory(0, count));
        }

        await WaitAsync();
        to.Shutdown(SocketShutdown.Send);
    }

    private async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            await WaitAsync();
            bytes = bytes[await to.SendAsync(bytes[..Math.Min(_piece, bytes.Length)])..];
        }
    }

    private async Task WaitAsync()
    {
        if (_pause > 0)
        {
            await Task.Delay(_pause);
        }

        await (_held?.Task ?? Task.CompletedTask);
    }
}
