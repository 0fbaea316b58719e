using System.Text;

namespace Kaffediem.Protocol;

/// <summary>
/// What is logged of a handler's exception: its types and stacks, not its messages. Those quote what was being worked on
/// (a JsonException the input, a FormatException the text), and payloads are never logged.
/// </summary>
internal static class Crash
{
    public static string Describe(Exception exception)
    {
        var text = new StringBuilder();
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            text.Append(cause == exception ? "" : "Caused by ")
                .AppendLine(cause.GetType().FullName)
                .AppendLine(cause.StackTrace);
        }

        return text.ToString();
    }
}
