using System.Text.Encodings.Web;
using System.Text.Json;

namespace Kaffediem.Protocol;

/// <summary>
/// A text of a client's as it is logged: with what breaks lines, and what a terminal takes for commands, escaped as in
/// JSON. Else a topic could look like a line of the log.
/// </summary>
/// <param name="Text">The text as it is.</param>
public readonly record struct ClientText(string Text)
{
    /// <summary>The text as it is.</summary>
    public static implicit operator ClientText(string text) => new(text);

    /// <summary>The text, escaped.</summary>
    public override string ToString() => JsonEncodedText.Encode(Text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();
}
