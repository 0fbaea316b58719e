using System.Text.Json.Serialization;

namespace Kaffediem.Persistence.Content;

/// <summary>
/// How notices and the status look as JSON, on the wire and in the change log. Use <see cref="Wire"/>:
/// it alone has the encoder.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(IReadOnlyList<Notice>))]
[JsonSerializable(typeof(IReadOnlyList<Status>))]
public sealed partial class ContentJson : JsonSerializerContext
{
    /// <summary>The context to use.</summary>
    // Made at its first use: Default, in the generated part of the class, may not be set before.
    public static ContentJson Wire => field ??= new ContentJson(JsonText.Unescaped(Default.Options));
}
