using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kaffediem.Protocol.Testing;

/// <summary>Payloads as a test writes them.</summary>
internal static class Payloads
{
    /// <summary>A payload as it is, JSON of anything else; <c>{}</c> for <c>null</c>.</summary>
    public static Payload Of(object? value) => value switch
    {
        null => Payload.Empty,
        Payload payload => payload,
        JsonNode node => Payload.From(node),
        _ => Payload.FromJson(JsonSerializer.SerializeToUtf8Bytes(value)),
    };

    /// <summary>Whether both are the same JSON value or the same bytes.</summary>
    public static bool Equal(Payload one, Payload other) => one.IsBinary || other.IsBinary
        ? one.IsBinary == other.IsBinary && one.Binary.Span.SequenceEqual(other.Binary.Span)
        : JsonNode.DeepEquals(one.ToNode(), other.ToNode());

    public static string Describe(Payload payload) => payload.IsBinary
        ? $"the bytes {Convert.ToHexString(payload.Binary.Span)}"
        : Encoding.UTF8.GetString(payload.Json.Span);
}
