using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Docs;

/// <summary><c>/openapi/v1.json</c> describes the API as it is.</summary>
public class OpenApiTests
{
    // These are not REST: a page for people, the socket, and the document itself.
    private const string Socket = "/socket/";
    private static readonly string[] Undescribed = ["/", "/openapi/v1.json"];

    public static TheoryData<string> Collections =>
        ["category", "item", "customization_key", "customization_value", "message", "status", "order"];

    [Fact]
    public async Task Document_describes_exactly_the_routes_and_methods()
    {
        await using var server = KaffediemServer.Start();
        var document = await ReadAsync(server);
        var described = from path in document["paths"]!.AsObject()
                        from operation in path.Value!.AsObject()
                        where operation.Key != "parameters"
                        select $"{operation.Key} {path.Key}";

        var endpoints = server.Services.GetRequiredService<EndpointDataSource>().Endpoints;
        var mapped = from route in endpoints.OfType<RouteEndpoint>()
                     let path = "/" + route.RoutePattern.RawText!.Trim('/')
                     where !Undescribed.Contains(path) && !path.StartsWith(Socket, StringComparison.Ordinal)
                     from method in route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
                     select $"{method.ToLowerInvariant()} {path}";

        Assert.Equal(mapped.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Document_is_OpenAPI_3_1()
    {
        await using var server = KaffediemServer.Start();
        var document = await ReadAsync(server);

        Assert.StartsWith("3.1.", (string?)document["openapi"], StringComparison.Ordinal);
        Assert.All(References(document), reference => Assert.NotNull(Resolve(document, reference)));
        var operations = Operations(document).ToArray();
        var ids = operations.Select(operation => (string?)operation.Operation["operationId"]);
        Assert.Equal(operations.Length, ids.Distinct().Count());
        Assert.All(operations, one => AssertComplete(document, one.Path, one.Item, one.Operation));
    }

    [Theory]
    [MemberData(nameof(Collections))]
    public async Task Record_has_exactly_the_described_properties(string collection)
    {
        await using var server = KaffediemServer.Start();
        using var client = server.CreateClient();
        var document = await ReadAsync(server);
        var record = (await client.GetAsync($"/api/collections/{collection}/records/1")).Node.AsObject();
        var schema = SchemaOf(document, $"/api/collections/{collection}/records/{{id}}", "get", "200");

        Assert.Equal(Names(record), Names(schema["properties"]!));
    }

    [Theory]
    [MemberData(nameof(Collections))]
    public async Task Answers_match_their_schemas(string collection)
    {
        await using var server = KaffediemServer.Start();
        using var client = server.CreateClient();
        var document = await ReadAsync(server);
        var path = $"/api/collections/{collection}/records";
        var list = await client.GetAsync($"{path}?page=1");
        var one = await client.GetAsync($"{path}/1");
        var changed = await client.PatchAsync($"{path}/1", "{}");
        var missing = await client.GetAsync($"{path}/99");
        var senseless = await client.GetAsync($"{path}?page=0");

        AssertValid(document, SchemaOf(document, path, "get", "200"), list.Node);
        AssertValid(document, SchemaOf(document, path + "/{id}", "get", "200"), one.Node);
        AssertValid(document, SchemaOf(document, path + "/{id}", "patch", "200"), changed.Node);
        AssertValid(document, SchemaOf(document, path + "/{id}", "get", "404"), missing.Node);
        AssertValid(document, SchemaOf(document, path, "get", "400"), senseless.Node);
    }

    [Fact]
    public async Task Refusals_session_and_health_match_their_schemas()
    {
        await using var server = KaffediemServer.Start();
        using var client = server.CreateClient();
        var document = await ReadAsync(server);
        const string Orders = "/api/collections/order/records";
        const string Line = """{"item":1,"customizations":[{"key":1,"value":[1]}]}""";
        var placed = await client.PostAsync(Orders, $$"""{"items":[{{Line}}]}""");
        var refused = await client.PostAsync(Orders, $$"""{"items":[{},{{Line}}]}""");
        var session = await client.SignInAsync();
        var wrong = await client.SignInAsync(password: "wrong");
        var health = await client.GetAsync("/health");

        AssertValid(document, SchemaOf(document, Orders, "post", "201"), placed.Node);
        AssertValid(document, SchemaOf(document, Orders, "post", "422"), refused.Node);
        AssertValid(document, SchemaOf(document, "/api/session", "post", "200"), session.Node);
        AssertValid(document, SchemaOf(document, "/api/session", "post", "401"), wrong.Node);
        AssertValid(document, SchemaOf(document, "/health", "get", "200"), health.Node);
        AssertValid(
            document, SchemaOf(document, "/health/live", "get", "200"), (await client.GetAsync("/health/live")).Node);
        AssertValid(
            document, SchemaOf(document, "/health/ready", "get", "200"), (await client.GetAsync("/health/ready")).Node);
    }

    [Theory]
    [InlineData("category", """{"name":"Kaffe","sort_order":-5,"enable":true,"valid_customizations":[3,4]}""")]
    [InlineData("item", """{"name":"Mokka","price_nok":30,"category_id":1,"enable":true,"sort_order":20,"image":""}""")]
    [InlineData(
        "customization_key",
        """
        {"name":"Is","enable":true,"label_color":"#fff","default_value":"","multiple_choice":false,"sort_order":1}
        """)]
    [InlineData(
        "customization_value",
        """
        {"name":"Ja","price_increment_nok":5,"constant_price":true,"belongs_to":3,"enable":true,"sort_order":1}
        """)]
    [InlineData("message", """{"title":"","subtitle":null}""")]
    [InlineData("status", """{"open":true,"show_message":false,"message_id":null}""")]
    [InlineData(
        "order",
        """
        {
          "customer_id": 1, "state": "received", "missing_information": false,
          "items": [{"item": 1, "customizations": [{"key": 2, "value": [5]}]}]
        }
        """)]
    public async Task Bodies_of_the_front_end_match_their_schemas_and_are_accepted(string collection, string body)
    {
        await using var server = KaffediemServer.Start();
        using var client = server.CreateClient();
        var document = await ReadAsync(server);
        var path = $"/api/collections/{collection}/records";
        var schema = document["paths"]![path]!["post"]!["requestBody"]!["content"]!["application/json"]!["schema"]!;

        AssertValid(document, schema, JsonNode.Parse(body));
        Assert.Empty(Names(JsonNode.Parse(body)!).Except(Names(Deref(document, schema)["properties"]!)));
        (await client.PostAsync(path, body)).Is(201);
    }

    [Fact]
    public async Task Stored_lines_can_be_sent_with_only_the_required_fields()
    {
        await using var server = KaffediemServer.Start();
        using var client = server.CreateClient();
        var document = await ReadAsync(server);
        const string Body = """{"items":[{"item_id":1,"name":"Latte","customizations":[{"key_name":"Melk"}]}]}""";

        AssertValid(document, document["components"]!["schemas"]!["OrderPatch"]!, JsonNode.Parse(Body));
        (await client.PatchAsync("/api/collections/order/records/1", Body)).Is(200);
    }

    private static async Task<JsonNode> ReadAsync(KaffediemServer server)
    {
        using var client = server.CreateClient();
        var answer = await client.GetAsync("/openapi/v1.json");
        Assert.Equal(200, answer.Status);
        return answer.Node;
    }

    private static IEnumerable<(string Path, JsonObject Item, JsonObject Operation)> Operations(JsonNode document) =>
        from path in document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        where operation.Key != "parameters"
        select (path.Key, path.Value!.AsObject(), operation.Value!.AsObject());

    private static void AssertComplete(JsonNode document, string path, JsonObject item, JsonObject operation)
    {
        var parameters = (item["parameters"]?.AsArray() ?? []).Concat(operation["parameters"]?.AsArray() ?? [])
            .Select(parameter => Deref(document, parameter!)).ToArray();
        Assert.All(parameters, parameter => Assert.NotNull(parameter["schema"]));
        var inPath = parameters.Where(parameter => (string?)parameter["in"] == "path")
            .Select(parameter => $"{{{parameter["name"]}}}");
        Assert.Equal(path.Split('/').Where(part => part.StartsWith('{')), inPath);
        var answers = operation["responses"]!.AsObject();
        Assert.NotEmpty(answers);
        Assert.All(answers, answer => Assert.NotNull(Deref(document, answer.Value!)["description"]));
        Assert.All(operation["security"]?.AsArray() ?? [], scheme =>
            Assert.NotNull(document["components"]!["securitySchemes"]![scheme!.AsObject().First().Key]));
    }

    private static JsonNode SchemaOf(JsonNode document, string path, string method, string status)
    {
        var answer = Deref(document, document["paths"]![path]![method]!["responses"]![status]!);
        return Deref(document, answer["content"]!["application/json"]!["schema"]!);
    }

    private static JsonNode Deref(JsonNode document, JsonNode node) =>
        (string?)(node as JsonObject)?["$ref"] is { } reference ? Resolve(document, reference)! : node;

    private static JsonNode? Resolve(JsonNode document, string reference) =>
        reference.Split('/').Skip(1).Aggregate((JsonNode?)document, (node, name) => node?[name]);

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member =>
            member.Key == "$ref" ? [(string)member.Value!] : References(member.Value)),
        JsonArray elements => elements.SelectMany(References),
        _ => [],
    };

    private static IEnumerable<string> Names(JsonNode node) => node.AsObject().Select(member => member.Key);

    private static void AssertValid(JsonNode document, JsonNode schema, JsonNode? value) =>
        Assert.Null(SchemaCheck.Find(document, schema, value, ""));
}

/// <summary>The part of JSON Schema that the document uses.</summary>
internal static class SchemaCheck
{
    /// <summary>The first violation of the schema in a value; <c>null</c> if there is none.</summary>
    public static string? Find(JsonNode document, JsonNode schema, JsonNode? value, string path)
    {
        if ((string?)schema["$ref"] is { } reference)
        {
            var target = reference.Split('/').Skip(1).Aggregate((JsonNode?)document, (node, name) => node?[name]);
            return Find(document, target!, value, path);
        }

        if (schema["anyOf"] is JsonArray choices)
        {
            return choices.All(choice => Find(document, choice!, value, path) is not null)
                ? $"{path}: none of anyOf"
                : null;
        }

        var types = schema["type"] is JsonArray several
            ? several.Select(type => (string)type!)
            : [(string?)schema["type"] ?? ""];
        return !types.Any(type => Is(type, value)) ? $"{path}: {value?.ToJsonString()} is not of type {schema["type"]}"
            : schema["enum"] is JsonArray all && !all.Any(one => JsonNode.DeepEquals(one, value))
                ? $"{path}: not in enum"
            : value switch
            {
                JsonObject members => FindInObject(document, schema, members, path),
                JsonArray elements => elements
                    .Select((element, index) => Find(document, schema["items"]!, element, $"{path}[{index}]"))
                    .FirstOrDefault(fault => fault is not null),
                _ => null,
            };
    }

    private static string? FindInObject(JsonNode document, JsonNode schema, JsonObject members, string path)
    {
        var required = schema["required"]?.AsArray().Select(name => (string)name!) ?? [];
        return required.FirstOrDefault(name => !members.ContainsKey(name)) is { } missing
            ? $"{path}: no {missing}"
            : members.Select(member => FindInMember(document, schema, member.Key, member.Value, path))
                .FirstOrDefault(fault => fault is not null);
    }

    private static string? FindInMember(
        JsonNode document, JsonNode schema, string name, JsonNode? value, string path) =>
        (schema["properties"]?[name] ?? schema["additionalProperties"]) is { } described
            ? Find(document, described, value, $"{path}.{name}")
            : $"{path}: {name} is not described";

    private static bool Is(string type, JsonNode? value) => type switch
    {
        "" => true,
        "null" => value is null,
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => value?.GetValueKind() == JsonValueKind.String,
        "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "number" => value?.GetValueKind() == JsonValueKind.Number,
        "integer" => value?.GetValueKind() == JsonValueKind.Number && value.AsValue().TryGetValue(out long _),
        _ => false,
    };
}
