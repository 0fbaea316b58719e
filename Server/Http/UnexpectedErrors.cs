using Kaffediem.Protocol;

namespace Kaffediem.Server.Http;

/// <summary>
/// Logs exceptions that nothing has handled. Each is a fault of this server. A client that has found one can repeat the
/// request as often as it likes, so each kind is logged, with its trace, at most once a minute.
/// </summary>
internal sealed partial class UnexpectedErrors(TimeProvider time, ILogger<UnexpectedErrors> logger)
{
    private readonly LogThrottle _throttle = new(time);

    /// <summary>
    /// The middleware for requests whose exceptions <see cref="ErrorResponses"/> does not answer: those for the socket,
    /// and those whose answer had begun. Kestrel would log every one of them.
    /// </summary>
    public async Task CatchAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception exception) when (exception is not BadHttpRequestException)
        {
            if (!context.RequestAborted.IsCancellationRequested)
            {
                Report(exception);
            }

            if (context.Response.HasStarted)
            {
                context.Abort(); // otherwise the client would mistake half an answer for a whole one
            }
            else
            {
                context.Response.Clear();
                Answer(context.Response, ErrorResponses.StatusOf(exception));
            }
        }
    }

    /// <summary>Logs an exception, unless one of its kind was logged within the last minute.</summary>
    public void Report(Exception exception)
    {
        if (_throttle.Allows(exception, out var leftOut))
        {
            Log.Failed(logger, exception, leftOut);
        }
    }

    private static void Answer(HttpResponse response, int statusCode)
    {
        response.StatusCode = statusCode;
        if (statusCode == StatusCodes.Status503ServiceUnavailable)
        {
            response.Headers.RetryAfter = ErrorResponses.RetryAfterFaultSeconds;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "A request has failed. Not logged since the last such line: {LeftOut}.")]
        public static partial void Failed(ILogger logger, Exception exception, int leftOut);
    }
}
