using System.Text.Json;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Server.Http;
using Kaffediem.Server.Images;
using Kaffediem.Server.Records;

namespace Kaffediem.Server.Catalog;

/// <summary>
/// The whole menu, made of four collections. It has a topic and no endpoints; a change of it is the whole menu again.
/// </summary>
internal sealed class MenuCollection : IServedCollection
{
    public const string MenuName = "menu";

    public string Name => MenuName;

    public IReadOnlyList<string> LoggedAs => MenuQuery.Collections;

    public bool HasImages => true;

    public void Write(Utf8JsonWriter writer, ReadTransaction transaction, OrderFilter filter, string baseUrl) =>
        writer.WriteRawValue(
            ImageUrls.MakeAbsolute(Read(transaction), baseUrl).Span, skipInputValidation: true);

    public void Map(IEndpointRouteBuilder app)
    {
    }

    /// <summary>The menu as JSON, with the images' addresses as they are stored.</summary>
    public static ReadOnlyMemory<byte> Read(ReadTransaction transaction) =>
        JsonResponses.Encode(
            writer => JsonSerializer.Serialize(writer, MenuQuery.Read(transaction), CatalogJson.Wire.Menu));
}
