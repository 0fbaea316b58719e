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

/// <summary>The JSON schemas of answers and requests, made from their types, so that they cannot differ.</summary>
internal static class RecordSchemas
{
    private static readonly JsonSchemaExporterOptions ExporterOptions = new()
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = (context, schema) => Complete(context.TypeInfo, schema),
    };

    /// <summary>The schema of an answer. All its fields are always present.</summary>
    public static JsonNode OfAnswer(JsonTypeInfo json) => json.GetJsonSchemaAsNode(ExporterOptions);

    /// <summary>The schema of a new record, or of an update.</summary>
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
            properties[name] = OfField(type, name, property, nullability.Create(property), isRequired);
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

    private static JsonNode OfField(
        Type sent, string name, PropertyInfo property, NullabilityInfo nullability, bool isRequired)
    {
        if (Special(name, sent) is { } special)
        {
            return JsonParts.Parse(special);
        }

        var isPatch = property.PropertyType.IsGenericType
            && property.PropertyType.GetGenericTypeDefinition() == typeof(Optional<>);
        var (type, value) = isPatch
            ? (property.PropertyType.GenericTypeArguments[0], nullability.GenericTypeArguments[0])
            : (property.PropertyType, nullability);
        var schema = OfAnswer(StoreJson.Of(type)).AsObject();
        if (type == typeof(IReadOnlyList<OrderItem>))
        {
            // An answer has all fields of a line; a request needs only these.
            var line = schema.At("items");
            line["required"] = new JsonArray("item_id", "name");
            line.At("properties", "customizations", "items").AsObject().Remove("required");
            line.At("properties", "left_out", "items").AsObject().Remove("required");
            line.At("properties").AsObject().Remove("total");
        }

        // A field that may be left out of a new record may also be null there; in an update only if a record's may.
        var isNullable = value.ReadState == NullabilityState.Nullable || !(isPatch || isRequired);
        if (isNullable && schema["type"] is JsonValue single)
        {
            schema["type"] = new JsonArray(single.DeepClone(), "null");
        }
        else if (!isNullable && schema["type"] is JsonArray types)
        {
            schema["type"] = types[0]?.DeepClone();
        }

        return schema;
    }

    // What the types do not show, because the fields are read more generously, or more strictly.
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

    // The fields of an order that Kaffebase did not have.
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
            properties.At(name)["description"] = text;
        }
    }

    private static string States =>
        $$"""{"type": "string", "enum": ["{{string.Join("\", \"", OrderState.All)}}"]}""";

    private static JsonNode Complete(JsonTypeInfo type, JsonNode schema)
    {
        // Written by our own converter, which the exporter does not know.
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
                // Computed properties, which the exporter does not recognise as never null.
                properties["inserted_at"] = new JsonObject { ["type"] = "string" };
                properties["updated_at"] = new JsonObject { ["type"] = "string" };
            }
        }

        return schema;
    }
}
