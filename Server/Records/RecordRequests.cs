using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Bodies;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Records;

/// <summary>
/// Reads the parts of a request for a record. Each method answers a malformed request itself, and then returns
/// <c>null</c>.
/// </summary>
internal static class RecordRequests
{
    public static long? ReadId(this HttpContext context)
    {
        var id = DecimalText.ToId(context.GetRouteValue("id") as string ?? "");
        if (id is null)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
        }

        return id;
    }

    public static async Task<IfMatch?> ReadConditionAsync(this HttpContext context)
    {
        var condition = IfMatch.Read(context.Request);
        if (condition is null)
        {
            await ErrorResponses.WriteBadRequestAsync(context, "If-Match", IfMatch.Malformed);
        }

        return condition;
    }

    /// <summary>Whether the <c>Idempotency-Key</c> is well-formed, or missing.</summary>
    public static async Task<bool> CheckIdempotencyKeyAsync(this HttpContext context)
    {
        var isWellFormed = IdempotencyHeader.IsWellFormed(context.Request);
        if (!isWellFormed)
        {
            await ErrorResponses.WriteBadRequestAsync(context, IdempotencyHeader.Header, IdempotencyHeader.Malformed);
        }

        return isWellFormed;
    }

    /// <param name="context">The request.</param>
    /// <param name="read">Reads the fields that can be set.</param>
    /// <param name="recordFields">The fields of a record: one that cannot be set may still be sent back.</param>
    /// <param name="tooLarge">The error of a form whose files are too large; <c>null</c> where there are none.</param>
    public static async Task<SentFields<T>?> ReadFieldsAsync<T>(
        this HttpContext context,
        Func<FieldReader, T> read,
        IReadOnlyList<string> recordFields,
        FieldError? tooLarge)
        where T : class
    {
        if (await context.ReadBodyAsync(tooLarge) is not { } body)
        {
            return null;
        }

        var fields = new FieldReader(body.Root, context.Request);
        var cast = read(fields);
        fields.RefuseUnknown(recordFields);
        fields.RefuseOtherFiles();
        if (fields.Errors is null)
        {
            return new SentFields<T>(body, cast);
        }

        body.Dispose();
        await ErrorResponses.WriteRefusalAsync(context, fields.Errors);
        return null;
    }
}

/// <summary>A body, and the fields that were read from it.</summary>
internal sealed record SentFields<T>(RequestBody Body, T Fields) : IDisposable
{
    public void Dispose() => Body.Dispose();
}
