using System.Text.Json.Serialization.Metadata;

namespace Kaffediem.Server.OpenApi;

/// <summary>What a collection's endpoints answer and take; set as their metadata.</summary>
/// <param name="Collection">Its name in paths.</param>
/// <param name="Record">How its records look.</param>
/// <param name="Draft">What a record is made of.</param>
/// <param name="Patch">What of a record can be changed.</param>
internal sealed record CollectionTypes(string Collection, JsonTypeInfo Record, Type Draft, Type Patch);
