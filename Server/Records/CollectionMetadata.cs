using System.Text.Json.Serialization.Metadata;

namespace Kaffediem.Server.Records;

/// <summary>Describes a collection's endpoints, as their metadata: the OpenAPI document is made from it.</summary>
/// <param name="Collection">Its name in paths.</param>
/// <param name="Record">How its records look. Called when it is needed: to describe types takes long.</param>
/// <param name="Draft">The fields of a new record.</param>
/// <param name="Patch">The fields that an update sets.</param>
internal sealed record CollectionMetadata(string Collection, Func<JsonTypeInfo> Record, Type Draft, Type Patch)
{
    /// <summary>The query parameters that only this collection's list has.</summary>
    public IReadOnlyList<string> Filters { get; init; } = [];

    /// <summary>Whether a form with an image may be sent.</summary>
    public bool HasImages { get; init; }

    /// <summary>The names of all collections that have endpoints: all but the menu.</summary>
    public static string[] NamesIn(EndpointDataSource source) =>
    [
        .. source.Endpoints
            .Select(endpoint => endpoint.Metadata.GetMetadata<CollectionMetadata>()?.Collection)
            .OfType<string>()
            .Distinct(),
    ];
}
