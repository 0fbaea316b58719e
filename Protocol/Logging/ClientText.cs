using System.Text.Encodings.Web;

namespace Kaffediem.Protocol;

/// <summary>
/// A client's text as it is logged: line breaks and the control characters of terminals are escaped as in JSON.
/// Otherwise a topic could look like a line of the log. A long text is cut off: a line must not be much longer than the
/// request that caused it.
/// </summary>
/// <param name="Text">The unescaped text.</param>
internal readonly record struct ClientText(string Text)
{
    private const int MaxLength = 300;

    /// <summary>The unescaped text.</summary>
    public static implicit operator ClientText(string text) => new(text);

    /// <summary>The text, escaped, and cut off after 300 characters.</summary>
    public override string ToString() => JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(
        Text.Length <= MaxLength ? Text : $"{Text[..MaxLength]}…");
}
