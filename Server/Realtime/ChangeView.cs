using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Kaffediem.Persistence.Log;
using Kaffediem.Server.Images;

namespace Kaffediem.Server.Realtime;

/// <summary>
/// A change as clients see it: <c>{"action": action, "record": record, "seq": seq}</c>. The record is the stored JSON,
/// with its images' addresses made absolute. Each form is encoded once; different views mostly share one.
/// Thread-safe.
/// </summary>
internal sealed class ChangeView(Change change)
{
    // Hosts may come from the clients: more different ones than this are not kept.
    private const int MaxForms = 16;

    // Guards _forms: sockets and event streams ask at the same time, and the second should find the first one's form.
    private readonly Lock _lock = new();
    private readonly Dictionary<(ChangeAction Action, string BaseUrl), ReadOnlyMemory<byte>> _forms = [];

    public long Seq => change.Seq;

    public string Collection => change.Collection;

    public long RecordId => change.RecordId;

    /// <summary>The action as clients without a filter see it.</summary>
    public string ActionName => Encoding.UTF8.GetString(Name(change.Action));

    /// <summary>How many bytes the record takes.</summary>
    public int RecordLength => change.RecordJson.Length;

    /// <summary>How many bytes all forms take.</summary>
    public int Length { get; private set; }

    /// <summary>The change's JSON for a view of its collection; <c>null</c> when there is nothing to see.</summary>
    public ReadOnlyMemory<byte>? For(View view)
    {
        if (ActionFor(view) is not { } action)
        {
            return null;
        }

        lock (_lock)
        {
            return Form(action, view.BaseUrl);
        }
    }

    /// <summary>Encodes a change.</summary>
    public static ReadOnlyMemory<byte> Encode(ReadOnlySpan<byte> action, ReadOnlySpan<byte> recordJson, long seq)
    {
        var json = new ArrayBufferWriter<byte>(recordJson.Length + 64);
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteString("action"u8, action);
            writer.WritePropertyName("record"u8);
            writer.WriteRawValue(recordJson, skipInputValidation: true);
            writer.WriteNumber("seq"u8, seq);
            writer.WriteEndObject();
        }

        return json.WrittenMemory;
    }

    private ReadOnlyMemory<byte> Form(ChangeAction action, string baseUrl)
    {
        if (_forms.TryGetValue((action, baseUrl), out var known))
        {
            return known;
        }

        var json = Encode(action, baseUrl);
        Length += json.Length;
        if (_forms.Count < MaxForms)
        {
            _forms[(action, baseUrl)] = json;
        }

        return json;
    }

    private ChangeAction? ActionFor(View view) =>
        view.Collection.IsFiltered ? view.Filter.See(change) : change.Action;

    private ReadOnlyMemory<byte> Encode(ChangeAction action, string baseUrl)
    {
        var record = action == ChangeAction.Delete ? IdOnly() : change.RecordJson;
        return Encode(Name(action), ImageUrls.MakeAbsolute(record, baseUrl).Span, change.Seq);
    }

    // The record may still exist, but it has left these clients' filter.
    private ReadOnlyMemory<byte> IdOnly() =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"id":{{change.RecordId}}}"""));

    private static ReadOnlySpan<byte> Name(ChangeAction action) => action switch
    {
        ChangeAction.Create => "create"u8,
        ChangeAction.Update => "update"u8,
        _ => "delete"u8,
    };
}
