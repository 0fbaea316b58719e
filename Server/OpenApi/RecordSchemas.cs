using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Stores;

namespace Kaffediem.Server.OpenApi;

/// <summary>The JSON schemas of what is answered and sent, made of the types: they cannot differ.</summary>
internal static class RecordSchemas
{
    private static readonly JsonSchemaExporterOptions ExporterOptions = new()
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = (context, schema) => Complete(context.TypeInfo, schema),
    };

    /// <summary>An answer. All its fields are always there.</summary>
    public static JsonNode OfAnswer(JsonTypeInfo json) => json.GetJsonSchemaAsNode(ExporterOptions);

    /// <summary>What is sent to make a record or to change one.</summary>
    public static JsonObject OfRequest(Type sent)
    {
        // An item's fields come with its image apart, ItemForm<ItemDraft>.
        var type = sent.IsGenericType ? sent.GenericTypeArguments[0] : sent;
        var nullability = new NullabilityInfoContext();
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var property in type.GetProperties())
        {
            var isRequired = property.IsDefined(typeof(RequiredMemberAttribute));
            var name = NameOf(property);
            properties[name] = OfField(name, property, nullability.Create(property), isRequired);
            if (isRequired)
            {
                required.Add((JsonNode)name);
            }
        }

        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (required.Count > 0)
        {
            schema["required"] = required;
        }

        return schema;
    }

    private static string NameOf(PropertyInfo property) =>
        property.Name == nameof(OrderDraft.Lines)
            ? "items"
            : JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);

    private static JsonNode OfField(string name, PropertyInfo property, NullabilityInfo nullability, bool isRequired)
    {
        if (Special(name, property.DeclaringType!) is { } special)
        {
            return JsonNode.Parse(special)!;
        }

        var isPatch = property.PropertyType.IsGenericType
            && property.PropertyType.GetGenericTypeDefinition() == typeof(Optional<>);
        var (type, value) = isPatch
            ? (property.PropertyType.GenericTypeArguments[0], nullability.GenericTypeArguments[0])
            : (property.PropertyType, nullability);
        var schema = OfAnswer(StoreJson.Of(type)).AsObject();
        if (type == typeof(IReadOnlyList<OrderItem>))
        {
            // An answer has all fields of a line, of what is sent only these must be there.
            var line = schema["items"]!;
            line["required"] = new JsonArray("item_id", "name");
            line["properties"]!["customizations"]!["items"]!.AsObject().Remove("required");
            line["properties"]!["left_out"]!["items"]!.AsObject().Remove("required");
            line["properties"]!.AsObject().Remove("total");
        }

        // What may be left out of a new record may also be null there; of a change only what may be null in a record.
        var isNullable = value.ReadState == NullabilityState.Nullable || !(isPatch || isRequired);
        if (isNullable && schema["type"] is JsonValue single)
        {
            schema["type"] = new JsonArray(single.DeepClone(), "null");
        }
        else if (!isNullable && schema["type"] is JsonArray types)
        {
            schema["type"] = types[0]!.DeepClone();
        }

        return schema;
    }

    // What the types do not tell, because the fields are read with more sense than that.
    private static string? Special(string name, Type type) => (name, type.Name) switch
    {
        ("price_nok", _) => """{"type": "integer", "minimum": 0}""",
        ("title", _) => """{"type": ["string", "null"], "description": "null is an empty one"}""",
        ("uuid", _) => """{"type": ["string", "null"], "format": "uuid"}""",
        ("state", nameof(OrderDraft) or nameof(OrderPatch)) => States,
        ("valid_customizations", _) =>
            """
            {
              "type": "array",
              "description": "Ids of customization keys",
              "items": {
                "anyOf": [
                  {"type": "integer"},
                  {"type": "object", "required": ["key_id"], "properties": {"key_id": {"type": "integer"}}}
                ]
              }
            }
            """,
        ("items", nameof(OrderDraft)) =>
            """
            {
              "type": "array",
              "minItems": 1,
              "items": {
                "type": "object",
                "required": ["item"],
                "properties": {
                  "item": {"type": "integer"},
                  "customizations": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": ["key", "value"],
                      "properties": {
                        "key": {"type": "integer"},
                        "value": {"type": "array", "items": {"type": "integer"}}
                      }
                    }
                  }
                }
              }
            }
            """,
        _ => null,
    };

    // What an order says beyond Kaffebase's.
    private static void Describe(Type type, JsonObject properties)
    {
        (string Name, string Text)[] texts = type.Name switch
        {
            nameof(Order) =>
            [
                ("total", "Kroner, the sum of the lines; null if one is unknown"),
                ("created", "UTC; with milliseconds, unless Kaffebase wrote it"),
                ("updated", "UTC; with milliseconds, unless Kaffebase wrote it"),
            ],
            nameof(OrderItem) =>
            [
                ("total", "Kroner: price and amounts, times the percentages, rounded up; null if unknown"),
                ("left_out", "Values that were ordered but no longer existed"),
            ],
            nameof(OrderCustomization) =>
                [("constant_price", "Whether price_change is in kroner, not in per cent; null if unknown")],
            _ => [],
        };
        foreach (var (name, text) in texts)
        {
            properties[name]!["description"] = text;
        }
    }

    private static string States =>
        $$"""{"type": "string", "enum": ["{{string.Join("\", \"", OrderState.All)}}"]}""";

    private static JsonNode Complete(JsonTypeInfo type, JsonNode schema)
    {
        // A converter of ours, of which the exporter knows nothing.
        if (type.Type == typeof(double?) || type.Type == typeof(double))
        {
            return new JsonObject { ["type"] = new JsonArray("number", "null") };
        }

        if (schema["properties"] is JsonObject properties)
        {
            schema["required"] = new JsonArray([.. properties.Select(property => (JsonNode)property.Key)]);
            Describe(type.Type, properties);
            if (type.Type == typeof(Order))
            {
                properties["state"] = JsonNode.Parse(States);
                // Computed, for which the exporter does not see that they are never null.
                properties["inserted_at"] = new JsonObject { ["type"] = "string" };
                properties["updated_at"] = new JsonObject { ["type"] = "string" };
            }
        }

        return schema;
    }
}
