using Kaffediem.Server.Identity;

namespace Kaffediem.Server.Accounts;

/// <summary>Applies <c>Auth:Writes</c> to the endpoints that carry a <see cref="WriteRight"/>.</summary>
internal sealed class WriteAccess(AuthOptions options, Callers callers)
{
    /// <summary>Answers a request that may not write with 401 or 403.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var right = context.GetEndpoint()?.Metadata.GetMetadata<WriteRight>();
        if (right is not null && await RefusalAsync(right, context) is { } statusCode)
        {
            context.Response.StatusCode = statusCode;
            return;
        }

        await next(context);
    }

    private async ValueTask<int?> RefusalAsync(WriteRight right, HttpContext context)
    {
        if (options.Writes == WriteMode.Open || (options.AnonymousOrders && right == WriteRight.PlaceOrder))
        {
            return null;
        }

        var caller = await callers.FindAsync(context);
        return caller.UserId() is null ? StatusCodes.Status401Unauthorized
            : right == WriteRight.Administer && !caller.IsAdministrator() ? StatusCodes.Status403Forbidden
            : null;
    }
}
