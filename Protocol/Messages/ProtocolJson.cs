using System.Text.Json.Serialization;

namespace Kaffediem.Protocol;

/// <summary>The reason of a refusal; names the event if the channel does not handle it.</summary>
internal sealed record ErrorReason(string Reason, string? Event = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ErrorReason))]
internal sealed partial class ProtocolJson : JsonSerializerContext;
