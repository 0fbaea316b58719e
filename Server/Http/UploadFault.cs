using Microsoft.AspNetCore.Http.Features;

namespace Kaffediem.Server.Http;

/// <summary>
/// Logs when uploads fail because this server cannot store them: the folder for temporary files, or that of the images,
/// is full, read-only or missing. It logs each kind of fault once, and the end: the success of an upload at least as
/// large as the largest that failed. Thread-safe.
/// </summary>
internal sealed partial class UploadFault(ILogger<UploadFault> logger)
{
    private const int PlainIoException = unchecked((int)0x80131620); // COR_E_IO

    // Guards the fields below: requests run on any thread.
    private readonly Lock _lock = new();
    private readonly HashSet<(Type, int)> _logged = [];
    private long _count;
    private long _bytes;

    /// <summary>Whether an exception means that a file of this server cannot be read or written.</summary>
    // Faults of the client have these types, too: BadHttpRequestException, and the framework's plain IOException for a
    // form that ends too early, whose HResult is COR_E_IO. A failed file has the HResult of the operating system.
    public static bool IsFileFault(Exception exception) =>
        exception is UnauthorizedAccessException
        || (exception is IOException and not BadHttpRequestException && exception.HResult != PlainIoException);

    /// <summary>Whether a request's failure is one that this class logs.</summary>
    public static bool Covers(HttpRequest request, Exception exception) => IsForm(request) && IsFileFault(exception);

    /// <summary>Runs the rest of the pipeline for an upload, and notes whether its file could be stored.</summary>
    public async Task RunAsync(HttpContext context, Func<Task> next)
    {
        try
        {
            await next();
        }
        catch (Exception exception) when (Covers(context.Request, exception))
        {
            Failed(exception, context.Request.ContentLength ?? 0);
            throw;
        }

        // A form without a file proves nothing, and neither does one that was not read.
        if (context.Response.StatusCode < StatusCodes.Status400BadRequest
            && context.Features.Get<IFormFeature>()?.Form?.Files.Count > 0)
        {
            Succeeded(context.Request.ContentLength ?? 0);
        }
    }

    /// <summary>Whether a request may contain a file.</summary>
    public static bool IsForm(HttpRequest request) =>
        request.ContentType?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) == true;

    private void Failed(Exception exception, long bytes)
    {
        lock (_lock)
        {
            _count++;
            _bytes = Math.Max(_bytes, bytes);
            if (_logged.Add((exception.GetType(), exception.HResult)))
            {
                Log.Begun(logger, exception.Message, exception.GetType().Name);
            }
        }
    }

    private void Succeeded(long bytes)
    {
        lock (_lock)
        {
            if (_count > 0 && bytes >= _bytes)
            {
                Log.Ended(logger, _count);
                (_count, _bytes) = (0, 0);
                _logged.Clear();
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Error,
            "An upload could not be stored: {Reason} ({Kind}). Further failures of this kind are counted, not logged.")]
        public static partial void Begun(ILogger logger, string reason, string kind);

        [LoggerMessage(LogLevel.Information, "Uploads are stored again; {Count} had failed.")]
        public static partial void Ended(ILogger logger, long count);
    }
}
