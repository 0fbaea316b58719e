using System.Text;

namespace Kaffediem.Protocol;

/// <summary>
/// Describes an application's exception for the log: its types and stacks, and on request its messages.
/// Messages may quote the data at hand (a JsonException the input, a FormatException the text), and payloads are never
/// logged unless the operator has turned on <see cref="PhoenixOptions.LogExceptionMessages"/>.
/// </summary>
internal static class Crash
{
    public static string Describe(Exception exception, bool withMessages)
    {
        var text = new StringBuilder();
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            text.Append(cause == exception ? "" : "Caused by ").Append(cause.GetType().FullName);
            if (withMessages)
            {
                // A message may quote a client's text, which must not look like further lines of the log.
                text.Append(": ").Append(new ClientText(cause.Message));
            }

            text.AppendLine().AppendLine(cause.StackTrace);
        }

        return text.ToString();
    }
}
