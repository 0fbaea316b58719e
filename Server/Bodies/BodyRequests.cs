using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Bodies;

/// <summary>Reads a request's body, or answers why it cannot be read.</summary>
internal static class BodyRequests
{
    /// <param name="context">The request.</param>
    /// <param name="tooLarge">The error of a form whose files are too large; <c>null</c> where there are none.</param>
    /// <returns>The body; <c>null</c> when the request is answered.</returns>
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
}
