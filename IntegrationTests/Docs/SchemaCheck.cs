using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kaffediem.IntegrationTests.Docs;

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
