using Kaffediem.Protocol;

namespace Kaffediem.Server.Admission;

/// <summary>
/// Sends long answers in pieces to clients that read them (<see cref="PacedOutput"/>), within the budget of unsent
/// bytes (<see cref="UnsentAnswers"/>).
/// </summary>
internal sealed class LongAnswers(LongReads reads, PhoenixOptions phoenix, ReadOptions options, TimeProvider time)
{
    /// <summary>The body of a request's answer.</summary>
    public PacedOutput Open(HttpContext context) =>
        new(context, phoenix.StallTimeout, options.MinBytesPerSecond, time);

    /// <summary>Sends a body in pieces. The headers are set already.</summary>
    /// <exception cref="ReadRefusedException">Too many bytes wait to be sent; nothing was sent.</exception>
    public async Task SendAsync(HttpContext context, IEnumerable<ReadOnlyMemory<byte>> body, long length)
    {
        var asker = await reads.FindAskerAsync(context);
        // The answer to a write is always sent: the client must learn that the write was done.
        if (HttpMethods.IsGet(context.Request.Method))
        {
            reads.RefuseIfFull(asker);
        }

        using (reads.UnsentOf(asker).Take(asker, length))
        {
            await SendPacedAsync(context, body);
        }
    }

    private async Task SendPacedAsync(HttpContext context, IEnumerable<ReadOnlyMemory<byte>> body)
    {
        try
        {
            var output = Open(context);
            foreach (var piece in body)
            {
                await output.SendAsync(piece, context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // The client has gone, or does not read.
        }
    }
}
