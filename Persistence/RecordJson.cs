using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Content;
using Kaffediem.Persistence.Orders;

namespace Kaffediem.Persistence;

/// <summary>
/// How records look as JSON, on the wire and in the change log. Use <see cref="Wire"/>: it alone has the encoder.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(IReadOnlyList<Category>))]
[JsonSerializable(typeof(IReadOnlyList<Item>))]
[JsonSerializable(typeof(IReadOnlyList<CustomizationKey>))]
[JsonSerializable(typeof(IReadOnlyList<CustomizationValue>))]
[JsonSerializable(typeof(IReadOnlyList<Notice>))]
[JsonSerializable(typeof(IReadOnlyList<Status>))]
[JsonSerializable(typeof(IEnumerable<Order>))]
[JsonSerializable(typeof(IReadOnlyList<OrderItem>))]
[JsonSerializable(typeof(OrderKeys))]
[JsonSerializable(typeof(Menu))]
public sealed partial class RecordJson : JsonSerializerContext
{
    /// <summary>With letters such as å as they are, not escaped: the JSON is never put into HTML.</summary>
    // Made when first asked for: Default, in the generated part of the class, may not be set before.
    public static RecordJson Wire => field ??= new RecordJson(new JsonSerializerOptions(Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>How a type of record looks.</summary>
    public static JsonTypeInfo<TRecord> Of<TRecord>() =>
        (JsonTypeInfo<TRecord>)Wire.Options.GetTypeInfo(typeof(TRecord));
}
