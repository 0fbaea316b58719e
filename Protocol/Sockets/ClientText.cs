using System.Text.Encodings.Web;
using System.Text.Json;

namespace Kaffediem.Protocol;

/// <summary>
/// A text of a client's as it is logged: with what breaks lines, and what a terminal takes for commands, escaped as in
/// JSON. Else a topic could look like a line of the log.
/// </summary>
internal readonly record struct ClientText(string Text)
{
    public static implicit operator ClientText(string text) => new(text);

    public override string ToString() => Text.Any(char.IsControl)
        ? JsonEncodedText.Encode(Text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString()
        : Text;
}
