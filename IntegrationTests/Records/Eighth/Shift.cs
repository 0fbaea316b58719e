using System.Text.Json.Serialization;
using Kaffediem.Persistence;

namespace Kaffediem.IntegrationTests.Records.Eighth;

/// <summary>The hours that somebody works: a collection that only the tests have.</summary>
internal sealed record Shift : IRecord
{
    public required long Id { get; init; }

    public required string Barista { get; init; }

    public required long StartsAt { get; init; }
}

/// <summary>A shift to be created.</summary>
internal sealed record ShiftDraft
{
    public required string Barista { get; init; }

    public long StartsAt { get; init; }
}

/// <summary>What to change of a shift.</summary>
internal sealed record ShiftPatch
{
    public Optional<string> Barista { get; init; }

    public Optional<long> StartsAt { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Shift))]
internal sealed partial class ShiftJson : JsonSerializerContext;
