namespace Kaffediem.Server.Records;

/// <summary>What a collection's endpoints answer and take; set as their metadata.</summary>
/// <param name="Collection">Its name in paths.</param>
/// <param name="Record">What its records are.</param>
/// <param name="Draft">What a record is made of.</param>
/// <param name="Patch">What of a record can be changed.</param>
internal sealed record CollectionTypes(string Collection, Type Record, Type Draft, Type Patch);
