using System.Text.Json;
using Kaffediem.Persistence.Orders;
using Kaffediem.Persistence.Transactions;

namespace Kaffediem.Server.Records;

/// <summary>
/// A collection that clients can list and listen to. It is registered once, and then it has REST endpoints, a topic,
/// a name for event streams and a place in the OpenAPI document.
/// </summary>
internal interface IServedCollection
{
    /// <summary>Its name in paths, in topics and in the change log.</summary>
    string Name { get; }

    /// <summary>The collections whose changes change it.</summary>
    IReadOnlyList<string> LoggedAs => [Name];

    /// <summary>Whether its JSON contains addresses of images, which begin with the host that a client asked.</summary>
    bool HasImages => false;

    /// <summary>
    /// Whether an <see cref="OrderFilter"/> selects from it, because the whole grows with the shop's age.
    /// </summary>
    bool IsFiltered => false;

    /// <summary>Writes its content as JSON: an array of records, or the menu.</summary>
    /// <param name="writer">The output.</param>
    /// <param name="transaction">Reads it.</param>
    /// <param name="filter">Selects records, where <see cref="IsFiltered"/>.</param>
    /// <param name="baseUrl">The beginning of the images' addresses, where <see cref="HasImages"/>.</param>
    void Write(Utf8JsonWriter writer, ReadTransaction transaction, OrderFilter filter, string baseUrl);

    /// <summary>Maps its REST endpoints, if it has any.</summary>
    void Map(IEndpointRouteBuilder app);
}
