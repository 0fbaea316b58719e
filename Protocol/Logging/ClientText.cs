using System.Text.Encodings.Web;

namespace Kaffediem.Protocol;

/// <summary>
/// A client's text as it is logged: line breaks, and what a terminal would run as commands, are escaped as in JSON.
/// Otherwise a topic could look like a line of the log. A long text is cut off: a line costs a request, and must not be
/// much longer than the request.
/// </summary>
/// <param name="Text">The text as it is.</param>
internal readonly record struct ClientText(string Text)
{
    private const int MaxLength = 300;

    /// <summary>The text as it is.</summary>
    public static implicit operator ClientText(string text) => new(text);

    /// <summary>The text, escaped, and cut off after 300 characters.</summary>
    public override string ToString() => JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(
        Text.Length <= MaxLength ? Text : $"{Text[..MaxLength]}…");
}
