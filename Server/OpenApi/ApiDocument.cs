using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kaffediem.Server.Accounts;
using Kaffediem.Server.Observability;
using Kaffediem.Server.Records;

namespace Kaffediem.Server.OpenApi;

/// <summary>
/// The OpenAPI document: <c>document.json</c>, what <c>collection.json</c> says of each collection, and the schemas of
/// the types.
/// </summary>
internal static class ApiDocument
{
    /// <summary>Describes endpoints.</summary>
    public static JsonObject Of(IEnumerable<RouteEndpoint> endpoints)
    {
        var document = Read("document.json");
        var schemas = document.At("components", "schemas").AsObject();
        schemas["Session"] = RecordSchemas.OfAnswer(SessionJson.Default.SessionAnswer);
        schemas["Health"] = RecordSchemas.OfAnswer(HealthJson.Default.HealthAnswer);
        schemas["Liveness"] = RecordSchemas.OfAnswer(HealthJson.Default.LivenessAnswer);
        schemas["Readiness"] = RecordSchemas.OfAnswer(HealthJson.Default.ReadinessAnswer);
        var paths = document.At("paths").AsObject();
        var routes = endpoints.ToArray();
        var collections = routes.Select(route => route.Metadata.GetMetadata<CollectionMetadata>());
        foreach (var types in collections.OfType<CollectionMetadata>().Distinct())
        {
            AddSchemas(schemas, types);
            AddPaths(paths, types);
        }

        foreach (var route in routes)
        {
            AddOtherMethods(paths, route);
        }

        return document;
    }

    private static void AddSchemas(JsonObject schemas, CollectionMetadata types)
    {
        var name = SchemaName(types.Collection);
        schemas[name] = RecordSchemas.OfAnswer(types.Record());
        schemas[$"{name}Draft"] = RecordSchemas.OfRequest(types.Draft);
        schemas[$"{name}Patch"] = RecordSchemas.OfRequest(types.Patch);
        schemas[$"{name}List"] = JsonNode.Parse(
            $$"""
            {
              "type": "object",
              "required": ["items"],
              "properties": {
                "page": {"type": "integer"},
                "perPage": {"type": "integer"},
                "totalItems": {"type": "integer"},
                "totalPages": {"type": "integer"},
                "items": {"type": "array", "items": {"$ref": "#/components/schemas/{{name}}"} }
              }
            }
            """);
    }

    private static void AddPaths(JsonObject paths, CollectionMetadata types)
    {
        var described = Read(
            "collection.json",
            text => text.Replace("{collection}", types.Collection, StringComparison.Ordinal)
                .Replace("{Record}", SchemaName(types.Collection), StringComparison.Ordinal));
        foreach (var (path, item) in described)
        {
            paths[path] = item?.DeepClone();
        }

        var recordsPath = $"/api/collections/{types.Collection}/records";
        var parameters = paths.At(recordsPath, "get", "parameters").AsArray();
        foreach (var filter in types.Filters)
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(SchemaName(filter));
            parameters.Add(JsonNode.Parse($$"""{"$ref": "#/components/parameters/{{name}}"}"""));
        }

        if (types.HasImages)
        {
            var name = SchemaName(types.Collection);
            AddUpload(paths.At(recordsPath, "post"), $"{name}Draft");
            AddUpload(paths.At(recordsPath + "/{id}", "patch"), $"{name}Patch");
        }
    }

    // A form has the same fields, as text, but for the file.
    private static void AddUpload(JsonNode operation, string schema) =>
        operation.At("requestBody", "content")["multipart/form-data"] = JsonNode.Parse(
            $$"""
            {
              "schema": {
                "allOf": [{"$ref": "#/components/schemas/{{schema}}"}],
                "properties": {"image": {"description": "A PNG, JPEG, WebP, AVIF or GIF file"} }
              }
            }
            """);

    // A PUT is a PATCH, and a HEAD a GET without its body.
    private static void AddOtherMethods(JsonObject paths, RouteEndpoint route)
    {
        var methods = route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [];
        // A group's own path ends with a slash, which is not needed.
        var path = route.RoutePattern.RawText?.TrimEnd('/') ?? "";
        if (paths[path] is not JsonObject item)
        {
            return;
        }

        if (methods.Contains(HttpMethods.Put) && item["patch"] is JsonObject patch)
        {
            item["put"] = CopyOf(patch, "put");
        }

        if (methods.Contains(HttpMethods.Head) && item["get"] is JsonObject get)
        {
            var head = CopyOf(get, "head");
            // An answer that is a reference has a body, too; it is described in its place.
            var responses = head.At("responses").AsObject();
            foreach (var (status, answer) in responses.ToArray())
            {
                var description = answer?["description"]?.DeepClone() ?? $"As GET's {status}";
                responses[status] = new JsonObject { ["description"] = description };
            }

            item["head"] = head;
        }
    }

    private static JsonObject CopyOf(JsonObject operation, string method)
    {
        var copy = operation.DeepClone().AsObject();
        copy["operationId"] = $"{method}_{operation["operationId"]}";
        return copy;
    }

    /// <summary><c>customization_key</c>: <c>CustomizationKey</c>.</summary>
    private static string SchemaName(string collection) =>
        string.Concat(collection.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private static JsonObject Read(string name, Func<string, string>? edit = null)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"OpenApi/{name}")
            ?? throw new InvalidOperationException($"OpenApi/{name} is not embedded.");
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        return JsonParts.Parse(edit is null ? text : edit(text)).AsObject();
    }
}
