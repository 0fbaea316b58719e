using Kaffediem.Server.Http;

namespace Kaffediem.Server.Records;

/// <summary>The 404 of an unknown collection names those that exist.</summary>
internal static class UnknownCollection
{
    /// <summary>Answers requests for an unknown collection, which no endpoint has answered.</summary>
    public static void UseUnknownCollection(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        await next(context);
        if (!context.Response.HasStarted && Describe(context) is { } reason)
        {
            await ErrorResponses.WriteDetailAsync(context, StatusCodes.Status404NotFound, reason);
        }
    });

    private static string? Describe(HttpContext context)
    {
        if (context.Response.StatusCode != StatusCodes.Status404NotFound
            || !context.Request.Path.StartsWithSegments("/api/collections", out var rest))
        {
            return null;
        }

        var name = rest.ToString().TrimStart('/').Split('/')[0];
        var existing = CollectionMetadata.NamesIn(context.RequestServices.GetRequiredService<EndpointDataSource>());
        return existing.Contains(name, StringComparer.OrdinalIgnoreCase)
            ? null
            : Collections.DescribeUnknown(name, existing);
    }
}
