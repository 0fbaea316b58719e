using System.Buffers;
using System.Globalization;
using System.Text;
using Kaffediem.Persistence.Transactions;

namespace Kaffediem.Server.Events;

/// <summary>
/// The lines of an event stream (WHATWG HTML, "Server-sent events", section 9.2.5). The JSON is compact, so it is one
/// line.
/// <code>
/// event    = "id: " epoch ":" seq LF  "event: " name LF  "data: " json LF  LF
/// position = "id: " epoch ":" seq LF  LF     ; dispatches nothing, and is remembered
/// comment  = ": " LF
/// retry    = "retry: " milliseconds LF  LF
/// </code>
/// </summary>
internal static class EventText
{
    public static ReadOnlySpan<byte> Comment => ": \n"u8;

    /// <summary>Ends an event.</summary>
    public static ReadOnlySpan<byte> End => "\n\n"u8;

    /// <summary>How soon a client reconnects that has lost its stream.</summary>
    public static ReadOnlySpan<byte> Retry => "retry: 2000\n\n"u8;

    /// <summary>Writes an event whose data is an object, its collection's name put in front.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="name">The event's name.</param>
    /// <param name="position">
    /// The event's id; <c>null</c>: none, so a client that is cut off after it resumes from an earlier one.
    /// </param>
    /// <param name="collection">The collection.</param>
    /// <param name="json">The object without <c>collection</c>; it is not empty.</param>
    public static void Write(
        IBufferWriter<byte> output, string name, ChangePosition? position, string collection, ReadOnlyMemory<byte> json)
    {
        WriteHead(output, name, position, collection);
        output.Write(RestOf(json).Span);
        output.Write(End);
    }

    /// <summary>
    /// Writes the beginning of an event, after which <see cref="RestOf"/> its object and <see cref="End"/> come.
    /// </summary>
    /// <inheritdoc cref="Write"/>
    public static void WriteHead(
        IBufferWriter<byte> output, string name, ChangePosition? position, string collection)
    {
        if (position is { } id)
        {
            WriteId(output, id);
        }

        WriteText(output, $$"""event: {{name}}{{'\n'}}data: {"collection":"{{collection}}",""");
    }

    /// <summary>The part of an event's object that <see cref="WriteHead"/> has not written.</summary>
    public static ReadOnlyMemory<byte> RestOf(ReadOnlyMemory<byte> json) => json["{".Length..];

    /// <summary>Advances the client's position, without an event.</summary>
    public static void WritePosition(IBufferWriter<byte> output, ChangePosition position)
    {
        WriteId(output, position);
        output.Write("\n"u8);
    }

    /// <summary>Reads an id; <c>null</c> when it is malformed or of another epoch.</summary>
    public static ChangePosition? ReadId(string? id, string epoch) =>
        id is not null
        && id.StartsWith($"{epoch}:", StringComparison.Ordinal)
        && long.TryParse(id.AsSpan(epoch.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var seq)
            ? new ChangePosition(seq, epoch)
            : null;

    private static void WriteId(IBufferWriter<byte> output, ChangePosition position) =>
        WriteText(output, string.Create(CultureInfo.InvariantCulture, $"id: {position.Epoch}:{position.Seq}\n"));

    private static void WriteText(IBufferWriter<byte> output, string text) => Encoding.UTF8.GetBytes(text, output);
}
