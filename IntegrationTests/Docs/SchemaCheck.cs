using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kaffediem.IntegrationTests.Docs;

/// <summary>As much of JSON Schema as the document uses.</summary>
internal static class SchemaCheck
{
    /// <summary>What of a value is not as its schema says; <c>null</c>: nothing.</summary>
    public static string? Find(JsonNode document, JsonNode schema, JsonNode? value, string path)
    {
        if ((string?)schema["$ref"] is { } reference)
        {
            var target = reference.Split('/').Skip(1).Aggregate((JsonNode?)document, (node, name) => node?[name]);
            return Find(document, target!, value, path);
        }

        if (schema["anyOf"] is JsonArray choices)
        {
            return choices.All(choice => Find(document, choice!, value, path) is not null) ? $"{path}: none of anyOf" : null;
        }

        var types = schema["type"] is JsonArray several ? several.Select(type => (string)type!) : [(string?)schema["type"] ?? ""];
        return !types.Any(type => Is(type, value)) ? $"{path}: {value?.ToJsonString() ?? "null"} is no {schema["type"]?.ToJsonString()}"
            : schema["enum"] is JsonArray values && !values.Any(one => JsonNode.DeepEquals(one, value)) ? $"{path}: not in enum"
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
        var missing = schema["required"]?.AsArray().Select(name => (string)name!).FirstOrDefault(name => !members.ContainsKey(name));
        return missing is not null
            ? $"{path}: no {missing}"
            : members.Select(member => (schema["properties"]?[member.Key] ?? schema["additionalProperties"]) is { } inner
                    ? Find(document, inner, member.Value, $"{path}.{member.Key}")
                    : $"{path}: {member.Key} is not described")
                .FirstOrDefault(fault => fault is not null);
    }

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
