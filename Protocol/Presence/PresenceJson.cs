using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kaffediem.Protocol;

/// <summary>The JSON of presences (docs/protocol.md, "Presence").</summary>
internal static class PresenceJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonEncodedText Key(string key) => JsonEncodedText.Encode(key, Options.Encoder);

    // meta = {the application's members..., "phx_ref": phx_ref, "phx_ref_prev": phx_ref of the replaced meta?}
    public static byte[] Meta(JsonObject meta, string phxRef, string? previous) => Write(writer =>
    {
        writer.WriteStartObject();
        foreach (var (name, value) in meta)
        {
            if (name is "phx_ref" or "phx_ref_prev")
            {
                continue; // ours win
            }

            writer.WritePropertyName(name);
            if (value is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                value.WriteTo(writer);
            }
        }

        writer.WriteString("phx_ref"u8, phxRef);
        if (previous is not null)
        {
            writer.WriteString("phx_ref_prev"u8, previous);
        }

        writer.WriteEndObject();
    }).ToArray();

    // presence_state = {key: {"metas": [meta, ...]}, ...}
    public static Payload State(IEnumerable<IEnumerable<PresenceEntry>> presences) =>
        Payload.FromJson(Write(writer => WritePresences(writer, presences)));

    // presence_diff = {"joins": {key: {"metas": [meta, ...]}, ...}, "leaves": {...}}, both even when empty: phoenix.js
    // throws otherwise.
    public static Payload Diff(IEnumerable<PresenceEntry> joins, IEnumerable<PresenceEntry> leaves) =>
        Payload.FromJson(Write(writer =>
        {
            writer.WriteStartObject();
            writer.WritePropertyName("joins"u8);
            WritePresences(writer, joins.GroupBy(entry => entry.Key, StringComparer.Ordinal));
            writer.WritePropertyName("leaves"u8);
            WritePresences(writer, leaves.GroupBy(entry => entry.Key, StringComparer.Ordinal));
            writer.WriteEndObject();
        }));

    private static void WritePresences(Utf8JsonWriter writer, IEnumerable<IEnumerable<PresenceEntry>> presences)
    {
        writer.WriteStartObject();
        foreach (var entriesOfKey in presences)
        {
            writer.WritePropertyName(entriesOfKey.First().KeyJson);
            writer.WriteStartObject();
            writer.WriteStartArray("metas"u8);
            foreach (var entry in entriesOfKey)
            {
                writer.WriteRawValue(entry.Meta, skipInputValidation: true);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> write)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, Options))
        {
            write(writer);
        }

        return json.WrittenMemory;
    }
}
