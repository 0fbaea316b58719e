using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Content;
using Kaffediem.Persistence.Orders;

namespace Kaffediem.Persistence.Stores;

/// <summary>How the records of all stores look as JSON, on the wire and in the change log.</summary>
public static class StoreJson
{
    private static readonly JsonSerializerOptions Options = Combine();

    /// <summary>How a type of record looks.</summary>
    public static JsonTypeInfo<TRecord> Of<TRecord>() => (JsonTypeInfo<TRecord>)Of(typeof(TRecord));

    /// <inheritdoc cref="Of{TRecord}"/>
    public static JsonTypeInfo Of(Type type) => Options.GetTypeInfo(type);

    private static JsonSerializerOptions Combine()
    {
        // The encoder and the naming are the same in all of them.
        var options = new JsonSerializerOptions(CatalogJson.Wire.Options)
        {
            TypeInfoResolver = JsonTypeInfoResolver.Combine(CatalogJson.Wire, ContentJson.Wire, OrderJson.Wire),
        };
        options.MakeReadOnly();
        return options;
    }
}
