using System.Text.Json.Serialization;

namespace Kaffediem.Persistence.Catalog;

/// <summary>
/// How the catalogue's records look as JSON, on the wire and in the change log. Use <see cref="Wire"/>:
/// it alone has the encoder.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(IReadOnlyList<Category>))]
[JsonSerializable(typeof(IReadOnlyList<Item>))]
[JsonSerializable(typeof(IReadOnlyList<CustomizationKey>))]
[JsonSerializable(typeof(IReadOnlyList<CustomizationValue>))]
[JsonSerializable(typeof(Menu))]
public sealed partial class CatalogJson : JsonSerializerContext
{
    /// <summary>The context to use.</summary>
    // Made at its first use: Default, in the generated part of the class, may not be set before.
    public static CatalogJson Wire => field ??= new CatalogJson(JsonText.Unescaped(Default.Options));
}
