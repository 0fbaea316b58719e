using System.Security.Claims;
using Kaffediem.Protocol;
using Kaffediem.Server.Identity;

namespace Kaffediem.Server.Bodies;

/// <summary>
/// A request's body that is counted while it is read (<see cref="UnfinishedInput"/>), until its end has come or the
/// request has been answered without it.
/// </summary>
internal sealed class CountedBody(HttpContext context, Stream body) : Stream
{
    private HeldInput? _held;
    private long _length;

    /// <summary>Counts the body of a request from now on, unless it says itself that it is short.</summary>
    public static void Count(HttpRequest request)
    {
        if (request.ContentLength is null or > UnfinishedInput.FreeBytes)
        {
            request.Body = new CountedBody(request.HttpContext, request.Body);
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="BodyBudgetException">There is no room for more.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await body.ReadAsync(buffer, cancellationToken);
        _length += read;
        if (read == 0 && buffer.Length > 0)
        {
            _held?.Dispose();
        }
        else if (_length > UnfinishedInput.FreeBytes)
        {
            var result = (_held ??= await BeginAsync()).Hold(_length);
            if (result != HoldResult.Held)
            {
                throw new BodyBudgetException(result);
            }
        }

        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async Task<HeldInput> BeginAsync()
    {
        var services = context.RequestServices;
        var caller = await services.GetRequiredService<Callers>().FindAsync(context);
        var held = services.GetRequiredService<UnfinishedInput>().Begin(
            context.Connection.RemoteIpAddress, caller.FindFirstValue(ClaimTypes.NameIdentifier));
        context.Response.RegisterForDispose(held);
        return held;
    }
}

/// <summary>A body was given up: too much is held of bodies whose end has not arrived.</summary>
internal sealed class BodyBudgetException(HoldResult result) : Exception("There is no room for the body.")
{
    /// <summary>Which budget is used up.</summary>
    public HoldResult Result => result;
}
