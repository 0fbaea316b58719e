using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Kaffediem.Protocol;

/// <summary>
/// The body of a long-poll POST (docs/protocol.md, "POST bodies"). With the content type <c>application/x-ndjson</c>,
/// exactly, every line is a message: one that begins with <c>[</c> is text, any other the base64 of a binary frame.
/// With any other content type the whole body is one text message (clients up to 1.6).
/// </summary>
internal sealed record LongPollBody(IEnumerable<(ReadOnlyMemory<byte> Frame, bool IsBinary)> Messages)
{
    // Of longer batches the rest is ignored (CVE-2026-32689).
    private const int MaxLines = 100;
    private const int MaxBytes = 8_000_000;

    /// <summary>Reads it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="held">What its bytes are counted in.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>The body; or the status to refuse it with: 400 when it is too long or broken off, 429 or 503.</returns>
    public static async Task<(LongPollBody? Body, int RefusedWith)> ReadAsync(
        HttpRequest request, HeldInput held, CancellationToken cancellationToken)
    {
        var (bytes, refusedWith) = await ReadBytesAsync(request, held, cancellationToken);
        if (refusedWith != 0)
        {
            return (null, refusedWith);
        }

        return request.Headers.ContentType == "application/x-ndjson"
            ? (new LongPollBody(Lines(bytes).Take(MaxLines).Select(Decode)), 0)
            : (new LongPollBody([(bytes, false)]), 0);
    }

    private static async Task<(ReadOnlyMemory<byte> Bytes, int RefusedWith)> ReadBytesAsync(
        HttpRequest request, HeldInput held, CancellationToken cancellationToken)
    {
        if (request.ContentLength > MaxBytes)
        {
            return (default, StatusCodes.Status400BadRequest);
        }

        // A body that is incomplete when the host stops is given up: it would hold the stop until the host's timeout.
        var context = request.HttpContext;
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var abort = stopping.UnsafeRegister(
            static state => ((HttpContext)state!).Abort(), context); // the state is the context
        var reader = PipeReader.Create(request.Body, new StreamPipeReaderOptions(PoolOf(context), leaveOpen: true));
        try
        {
            return await ReadBytesAsync(reader, held, cancellationToken);
        }
        catch (ConnectionResetException)
        {
            request.HttpContext.Abort(); // or Kestrel looks for the rest of the body, and logs an error
            return (default, StatusCodes.Status400BadRequest);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return (default, StatusCodes.Status400BadRequest); // aborted above
        }
        catch (IOException)
        {
            // Too long for the server itself, or not a body as announced.
            return (default, StatusCodes.Status400BadRequest);
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private static async Task<(ReadOnlyMemory<byte> Bytes, int RefusedWith)> ReadBytesAsync(
        PipeReader reader, HeldInput held, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            if (FindRefusal(read.Buffer.Length, held) is { } refusedWith)
            {
                return (default, refusedWith);
            }

            if (read.IsCompleted)
            {
                return (read.Buffer.ToArray(), 0);
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    // The body is kept in blocks of the connection's pool while it arrives. Arrays of the heap would reach the oldest
    // generation, and stay there as garbage when the body is refused. Kestrel's own reader of bodies would not do: it
    // logs an error when a client disconnects.
    private static MemoryPool<byte>? PoolOf(HttpContext context) =>
        context.Features.Get<IMemoryPoolFeature>()?.MemoryPool;

    private static int? FindRefusal(long length, HeldInput held) => length > MaxBytes
        ? StatusCodes.Status400BadRequest
        : held.Hold(length) switch
        {
            HoldResult.TooMuchOfClient => StatusCodes.Status429TooManyRequests,
            HoldResult.TooMuchInAll => StatusCodes.Status503ServiceUnavailable,
            _ => null,
        };

    private static IEnumerable<ReadOnlyMemory<byte>> Lines(ReadOnlyMemory<byte> body)
    {
        while (!body.IsEmpty)
        {
            var end = body.Span.IndexOf((byte)'\n');
            var line = end < 0 ? body : body[..end];
            body = end < 0 ? default : body[(end + 1)..];
            line = line.Span.EndsWith("\r"u8) ? line[..^1] : line;
            if (!line.IsEmpty)
            {
                yield return line;
            }
        }
    }

    private static (ReadOnlyMemory<byte> Frame, bool IsBinary) Decode(ReadOnlyMemory<byte> line)
    {
        if (line.Span[0] == '[')
        {
            return (line, false);
        }

        try
        {
            return (Convert.FromBase64String(Encoding.ASCII.GetString(line.Span)), true);
        }
        catch (FormatException exception)
        {
            throw new InvalidMessageException("A line is neither text nor base64.", exception);
        }
    }
}
