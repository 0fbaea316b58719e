using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Kaffediem.Protocol;

/// <summary>
/// The content of a message: one JSON value, kept as UTF-8 text so that it is encoded at most once; or bytes, which
/// only clients of V2 over a WebSocket can send and receive (<see cref="Channel.SupportsBinary"/>).
/// </summary>
public readonly struct Payload
{
    private static readonly byte[] EmptyObject = "{}"u8.ToArray();

    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = PhoenixOptions.DeepestJson };

    private readonly ReadOnlyMemory<byte> _bytes;

    private Payload(ReadOnlyMemory<byte> bytes, bool isBinary = false) => (_bytes, IsBinary) = (bytes, isBinary);

    /// <summary>The empty object, <c>{}</c>; also what <c>default</c> means.</summary>
    public static Payload Empty => default;

    /// <summary>Whether it is bytes (in phoenix.js an <c>ArrayBuffer</c>) and not JSON.</summary>
    public bool IsBinary { get; }

    /// <summary>The JSON text in UTF-8.</summary>
    /// <exception cref="InvalidOperationException">The payload is binary.</exception>
    public ReadOnlyMemory<byte> Json =>
        IsBinary ? throw new InvalidOperationException("The payload is binary, not JSON.") : Bytes;

    /// <summary>The bytes of a binary payload.</summary>
    /// <exception cref="InvalidOperationException">The payload is JSON.</exception>
    public ReadOnlyMemory<byte> Binary =>
        IsBinary ? _bytes : throw new InvalidOperationException("The payload is JSON, not binary.");

    /// <summary>
    /// Whether the value is a JSON object. A push or broadcast of the server must be one; a client may send any JSON
    /// value.
    /// </summary>
    public bool IsObject => !IsBinary && Json.Span.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];

    /// <summary>Whether a client sent the JSON value <c>null</c>.</summary>
    internal bool IsNull => !IsBinary && _bytes.Span.SequenceEqual("null"u8);

    /// <summary>The bytes to send: the JSON text, or the binary payload.</summary>
    internal ReadOnlyMemory<byte> Bytes => IsBinary || !_bytes.IsEmpty ? _bytes : EmptyObject;

    /// <summary>
    /// Wraps ready-made JSON. It is sent unchanged and unchecked; the memory must not change afterwards.
    /// </summary>
    /// <param name="utf8Json">One valid JSON value in UTF-8.</param>
    public static Payload FromJson(ReadOnlyMemory<byte> utf8Json) => new(utf8Json);

    /// <summary>Wraps ready-made JSON. It is sent unchanged and unchecked.</summary>
    /// <param name="json">One valid JSON value.</param>
    public static Payload FromJson(string json) => new(Encoding.UTF8.GetBytes(json));

    /// <summary>Wraps bytes, any number of them. The memory must not change afterwards.</summary>
    /// <param name="bytes">The bytes that phoenix.js delivers as an <c>ArrayBuffer</c>.</param>
    public static Payload FromBinary(ReadOnlyMemory<byte> bytes) => new(bytes, isBinary: true);

    /// <summary>Encodes a value once.</summary>
    /// <param name="value">The value; <c>null</c> becomes JSON <c>null</c>.</param>
    /// <param name="typeInfo">Source-generated type information.</param>
    public static Payload From<T>(T value, JsonTypeInfo<T> typeInfo) =>
        new(JsonSerializer.SerializeToUtf8Bytes(value, typeInfo));

    /// <summary>Encodes a JSON tree now; later changes to the tree have no effect.</summary>
    /// <param name="node">The value; <c>null</c> becomes JSON <c>null</c>.</param>
    public static Payload From(JsonNode? node)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            if (node is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                node.WriteTo(writer);
            }
        }

        return new Payload(bytes.WrittenMemory);
    }

    /// <summary>The customary payload of an error: <c>{"reason": reason}</c>.</summary>
    /// <param name="reason">The reason that the client gets; never an exception's text.</param>
    public static Payload Reason(string reason) =>
        new(JsonSerializer.SerializeToUtf8Bytes(new ErrorReason(reason), ProtocolJson.Default.ErrorReason));

    /// <summary>Decodes the value.</summary>
    /// <param name="typeInfo">Source-generated type information.</param>
    /// <exception cref="JsonException">The value does not fit the type.</exception>
    /// <exception cref="InvalidOperationException">The payload is binary.</exception>
    public T? Deserialize<T>(JsonTypeInfo<T> typeInfo) => JsonSerializer.Deserialize(Json.Span, typeInfo);

    /// <summary>Reads one field of a JSON object, for example a parameter of a join.</summary>
    /// <param name="field">The field's name.</param>
    /// <param name="value">Its text.</param>
    /// <returns>
    /// <c>false</c> when the payload is not a JSON object, or has no such field, or the field is not a string.
    /// </returns>
    public bool TryGetString(string field, [NotNullWhen(true)] out string? value)
    {
        value = null;
        if (!IsObject)
        {
            return false;
        }

        using var document = JsonDocument.Parse(Json, Reading);
        if (document.RootElement.TryGetProperty(field, out var element) && element.ValueKind == JsonValueKind.String)
        {
            value = element.GetString();
        }

        return value is not null;
    }

    /// <summary>The value as a tree that can be changed; <c>null</c> for JSON <c>null</c>.</summary>
    /// <exception cref="InvalidOperationException">The payload is binary.</exception>
    public JsonNode? ToNode() =>
        JsonNode.Parse(Json.Span, documentOptions: Reading);

    /// <summary>The value as a tree that is independent of the payload.</summary>
    /// <exception cref="InvalidOperationException">The payload is binary.</exception>
    public JsonElement ToElement()
    {
        using var document = JsonDocument.Parse(Json, Reading);
        return document.RootElement.Clone();
    }
}
