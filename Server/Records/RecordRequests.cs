using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Bodies;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Records;

/// <summary>
/// Reads the parts of a request for a record. Each answers a request that makes no sense itself and then returns
/// <c>null</c>.
/// </summary>
internal static class RecordRequests
{
    public static long? ReadId(this HttpContext context)
    {
        var id = DecimalText.ToId((string)context.GetRouteValue("id")!);
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

    /// <param name="context">The request.</param>
    /// <param name="tooLarge">
    /// What is wrong with a form whose files are too large; <c>null</c> where there are none.
    /// </param>
    public static async Task<RequestBody?> ReadBodyAsync(this HttpContext context, FieldError? tooLarge)
    {
        try
        {
            var (body, refusal) = await RequestBody.ReadAsync(context.Request, context.RequestAborted);
            if (refusal is not null)
            {
                await refusal.WriteAsync(context);
            }

            return body;
        }
        catch (BadHttpRequestException refused)
            when (tooLarge is not null && context.Request.HasFormContentType
                && refused.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            await ErrorResponses.WriteRefusalAsync(context, ErrorResponses.Describe([tooLarge]));
            return null;
        }
    }

    /// <param name="context">The request.</param>
    /// <param name="body">Its body.</param>
    /// <param name="read">Reads the fields that can be set.</param>
    /// <param name="recordFields">The fields of a record: one that cannot be set may still be sent back.</param>
    public static async Task<T?> CastAsync<T>(
        this HttpContext context, RequestBody body, Func<FieldReader, T> read, IReadOnlyList<string> recordFields)
        where T : class
    {
        var fields = new FieldReader(body.Root, context.Request);
        var cast = read(fields);
        fields.RefuseUnknown(recordFields);
        fields.RefuseOtherFiles();
        if (fields.Errors is null)
        {
            return cast;
        }

        await ErrorResponses.WriteRefusalAsync(context, fields.Errors);
        return null;
    }
}
