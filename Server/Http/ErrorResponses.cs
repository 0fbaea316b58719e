using System.Globalization;
using System.Text.Json.Nodes;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Writing;
using Kaffediem.Protocol;
using Kaffediem.Server.Admission;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Kaffediem.Server.Http;

/// <summary>Writes every refusal of the API as JSON, in Kaffebase's shapes.</summary>
internal static partial class ErrorResponses
{
    /// <summary>A fault of the disk lasts until somebody repairs it.</summary>
    public const string RetryAfterFaultSeconds = "5";

    // A full queue is empty again after about a second.
    private const string RetryAfterOverloadSeconds = "1";

    /// <summary>
    /// Answers every request that ends without a body of its own (an unknown route, a wrong method, a status set by an
    /// endpoint, an exception) with <c>{"errors":{"detail":"Not Found"}}</c>.
    /// </summary>
    public static void UseErrorResponses(this IApplicationBuilder app)
    {
        var unexpected = app.ApplicationServices.GetRequiredService<UnexpectedErrors>();
        app.UseStatusCodePages(context => WriteDetailAsync(context.HttpContext));
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            // The text of an exception stays in the log.
            ExceptionHandler = context =>
            {
                var failure = context.Features.GetRequiredFeature<IExceptionHandlerFeature>().Error;
                if (!IsExpected(context, failure))
                {
                    unexpected.Report(failure);
                }

                return WriteDetailAsync(context);
            },
            StatusCodeSelector = StatusOf,
            // UnexpectedErrors logs instead.
            SuppressDiagnosticsCallback = _ => true,
            AllowStatusCode404Response = true,
        });
    }

    /// <summary>The status that an exception is answered with.</summary>
    public static int StatusOf(Exception exception) =>
        exception is BadHttpRequestException refused ? refused.StatusCode
        // Nothing was written, and the request is valid: it may be sent again. IOExceptions come from the files of
        // images, and of a form while it is read.
        : DatabaseFault.Is(exception) || exception is ReadRefusedException or IOException or UnauthorizedAccessException
            ? StatusCodes.Status503ServiceUnavailable
        : StatusCodes.Status500InternalServerError;

    /// <summary>The answer if nothing was saved: 422 with the fields that the store refused, 412, or 404.</summary>
    public static Task WriteAsync<T>(
        HttpContext context, WriteResult<T> result, Func<IReadOnlyList<FieldError>, JsonObject> describe)
    {
        if (result is WriteResult<T>.Refused refused)
        {
            return WriteRefusalAsync(context, describe(refused.Errors));
        }

        context.Response.StatusCode = result is WriteResult<T>.PreconditionFailed
            ? StatusCodes.Status412PreconditionFailed
            : StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    /// <summary>The errors as JSON: field → messages.</summary>
    public static JsonObject Describe(IReadOnlyList<FieldError> errors)
    {
        var described = new JsonObject();
        foreach (var field in errors.GroupBy(error => error.Field))
        {
            described[field.Key] = new JsonArray([.. field.Select(error => (JsonNode)error.Message)]);
        }

        return described;
    }

    /// <summary>422: the fields that were refused, each with its messages.</summary>
    public static Task WriteRefusalAsync(HttpContext context, JsonObject errors) =>
        WriteAsync(context, StatusCodes.Status422UnprocessableEntity, errors);

    /// <summary>400: the malformed headers or parameters, each with what it has to be.</summary>
    public static Task WriteBadRequestAsync(HttpContext context, JsonObject errors) =>
        WriteAsync(context, StatusCodes.Status400BadRequest, errors);

    /// <inheritdoc cref="WriteBadRequestAsync(HttpContext, JsonObject)"/>
    public static Task WriteBadRequestAsync(HttpContext context, string name, string reason) =>
        WriteBadRequestAsync(context, Describe([new FieldError(name, reason)]));

    /// <summary>Refuses with a status and a sentence for the reader: <c>{"errors":{"detail":"…"}}</c>.</summary>
    public static Task WriteDetailAsync(HttpContext context, int statusCode, string detail) =>
        WriteAsync(context, statusCode, new JsonObject { ["detail"] = detail });

    /// <summary>429: the client has used up a budget, and may try again after a while.</summary>
    public static Task WriteTooManyAsync(HttpContext context, TimeSpan wait, string detail)
    {
        context.Response.Headers.RetryAfter =
            Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return WriteDetailAsync(context, StatusCodes.Status429TooManyRequests, detail);
    }

    // A client that sends too much, asks for too much or leaves in the middle is not a fault of the server. A fault
    // that stops writes or uploads stops thousands of them, so the database and UploadFault log only its beginning and
    // end.
    private static bool IsExpected(HttpContext context, Exception exception) =>
        exception is BadHttpRequestException or WriteQueueFullException or WriteFailedException or ReadRefusedException
        || UploadFault.Covers(context.Request, exception);

    private static Task WriteDetailAsync(HttpContext context)
    {
        var statusCode = context.Response.StatusCode;
        var exception = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        if (statusCode == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = exception is WriteQueueFullException or ReadRefusedException
                ? RetryAfterOverloadSeconds
                : RetryAfterFaultSeconds;
        }

        var detail = (exception as ReadRefusedException)?.Message
            ?? ReasonPhrases.GetReasonPhrase(statusCode);
        return WriteDetailAsync(context, statusCode, detail);
    }

    private static Task WriteAsync(HttpContext context, int statusCode, JsonObject errors)
    {
        LogRefusal(context, statusCode, errors);
        return context.WriteJsonAsync(statusCode, writer => new JsonObject { ["errors"] = errors }.WriteTo(writer));
    }

    // Logs the names of the refused fields without the messages, which may quote the request.
    private static void LogRefusal(HttpContext context, int statusCode, JsonObject errors)
    {
        var logger = context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ErrorResponses));
        if (logger.IsEnabled(LogLevel.Debug))
        {
            var reason = errors["detail"] is JsonValue detail
                ? detail.ToString()
                : $"errors in {string.Join(", ", errors.Select(error => error.Key))}";
            Log.Refused(logger, context.Request.Method, context.Request.Path.Value ?? "", statusCode, reason);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Debug, "REFUSED {Method} {Path} with {StatusCode}: {Reason}")]
        public static partial void Refused(
            ILogger logger, ClientText method, ClientText path, int statusCode, ClientText reason);
    }
}
