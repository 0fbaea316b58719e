using System.Text.Json.Serialization;

namespace Kaffediem.Protocol;

/// <summary>Why something was refused; the event is named where the client sent one nobody handles.</summary>
internal sealed record ErrorReason(string Reason, string? Event = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ErrorReason))]
internal sealed partial class ProtocolJson : JsonSerializerContext;
