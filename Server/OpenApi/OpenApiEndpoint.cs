using Kaffediem.Server.Http;
using Kaffediem.Server.Records;

namespace Kaffediem.Server.OpenApi;

/// <summary><c>/openapi/v1.json</c>: the REST API as OpenAPI 3.1, for building a client or trying it out.</summary>
internal static class OpenApiEndpoint
{
    public static void MapOpenApi(this WebApplication app)
    {
        // Made when it is first asked for: then everything is mapped.
        var json = new Lazy<ReadOnlyMemory<byte>>(() =>
        {
            var endpoints = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();
            var document = ApiDocument.Of(endpoints);
            return JsonResponses.Encode(writer => document.WriteTo(writer));
        });
        app.MapMethods("/openapi/v1.json", [HttpMethods.Get, HttpMethods.Head], context =>
            context.WriteReadAsync(json.Value, EntityTags.Of(json.Value.Span)));
    }
}
