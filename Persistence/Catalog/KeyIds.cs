using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kaffediem.Persistence.Catalog;

/// <summary>The column <c>valid_customizations</c>, where Kaffebase stores <c>[{"key_id":1}]</c> for 1.</summary>
internal static class KeyIds
{
    public static string Format(IEnumerable<long> keyIds) =>
        JsonSerializer.Serialize([.. keyIds.Select(id => new Element(id))], KeyIdsJson.Default.ElementArray);

    public static long[] Parse(string json) =>
        Array.ConvertAll(JsonSerializer.Deserialize(json, KeyIdsJson.Default.ElementArray) ?? [], it => it.KeyId);

    internal sealed record Element([property: JsonPropertyName("key_id")] long KeyId);
}

[JsonSerializable(typeof(KeyIds.Element[]))]
internal sealed partial class KeyIdsJson : JsonSerializerContext;
