using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Kaffediem.Persistence.Log;

/// <summary>
/// The fields of a record that its store's filters compare, as the log keeps them. Only the store can read them.
/// Thread-safe.
/// </summary>
public sealed class FilterKeys
{
    // Many views may filter the same change. Two threads may both decode the keys; the results are equal.
    private object? _decoded;

    internal FilterKeys(byte[] json) => Json = json;

    /// <summary>The keys as JSON, UTF-8.</summary>
    internal byte[] Json { get; }

    /// <summary>Encodes a store's keys.</summary>
    internal static FilterKeys From<TKeys>(TKeys keys, JsonTypeInfo<TKeys> json) =>
        new(JsonSerializer.SerializeToUtf8Bytes(keys, json));

    /// <summary>Decodes the keys, once. A store always asks for the same type.</summary>
    /// <exception cref="JsonException">The log is not what this program writes.</exception>
    internal TKeys Read<TKeys>(JsonTypeInfo<TKeys> json)
        where TKeys : class
    {
        var keys = Volatile.Read(ref _decoded) ?? JsonSerializer.Deserialize(Json, json)
            ?? throw new JsonException("The keys of a change are null.");
        Volatile.Write(ref _decoded, keys);
        return (TKeys)keys;
    }
}
