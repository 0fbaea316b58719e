using Kaffediem.Server.Http;

namespace Kaffediem.Server.Records;

/// <summary>The 404 of an unknown collection names those that exist.</summary>
internal static class UnknownCollection
{
    /// <summary>The reason of a 404; <c>null</c> if the path does not ask for an unknown collection.</summary>
    public static string? Describe(HttpContext context)
    {
        if (context.Response.StatusCode != StatusCodes.Status404NotFound
            || !context.Request.Path.StartsWithSegments("/api/collections", out var rest))
        {
            return null;
        }

        var name = rest.Value!.TrimStart('/').Split('/')[0];
        var existing = Collections(context);
        return existing.Contains(name, StringComparer.OrdinalIgnoreCase)
            ? null
            : $"{NameHints.Quote(name)} is not a collection; the collections are {NameHints.List(existing, name)}";
    }

    private static string[] Collections(HttpContext context) =>
    [
        .. context.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints
            .Select(endpoint => endpoint.Metadata.GetMetadata<CollectionTypes>()?.Collection)
            .OfType<string>()
            .Distinct(),
    ];
}
