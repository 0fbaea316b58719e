using System.Text.Encodings.Web;
using System.Text.Json;

namespace Kaffediem.Persistence;

/// <summary>What the attributes of a JSON context cannot say about the records' JSON.</summary>
internal static class JsonText
{
    /// <summary>The options with letters such as å as they are, not escaped: the JSON is never put into HTML.</summary>
    public static JsonSerializerOptions Unescaped(JsonSerializerOptions options) => new(options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
