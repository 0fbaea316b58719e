namespace Kaffediem.Server.Admission;

/// <summary>
/// How many files are on their way to clients at once. Each keeps a piece in memory for as long as its client reads, so
/// the pieces are counted as the bytes of long answers are, in a budget of their own. A file waits for room, because a
/// browser does not ask again for an image that was refused.
/// </summary>
internal sealed class SentFiles(LongReads reads, ReadOptions options, TimeProvider time)
{
    private const string Full = "too many files are being sent; try again in a second";

    // A piece that was read, one that waits for Kestrel's buffer, and what that holds before it makes the writer wait.
    private const long PieceBytes = 3 * PacedOutput.SliceBytes;

    // Clients that read nothing are cut off after a third of it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly UnsentBudgets _sent = new(options, time);

    /// <summary>Waits until a file may be sent. It counts until the result is disposed of.</summary>
    /// <exception cref="ReadRefusedException">There was no room for too long.</exception>
    public async Task<IDisposable> WaitForRoomAsync(HttpContext context, long length)
    {
        var asker = await reads.FindAskerAsync(context);
        var sent = _sent.Of(asker);
        var begun = time.GetTimestamp();
        while (true)
        {
            if (sent.TryTake(asker, Math.Min(length, PieceBytes)) is { } taken)
            {
                return taken;
            }

            if (time.GetElapsedTime(begun) > Patience)
            {
                throw new ReadRefusedException(Full);
            }

            await Task.Delay(Pause, time, context.RequestAborted);
        }
    }
}
