using System.Text;
using Kaffediem.Server.Accounts;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Commands;

/// <summary>
/// Reads a new password: on a terminal by asking twice, without showing it; otherwise as one line from the standard
/// input. It is never an argument, because the list of processes and the shell's history would show it.
/// </summary>
/// <param name="readKey">The next key on the terminal, not echoed; <c>null</c> where there is none.</param>
/// <param name="input">The standard input, read where there is no terminal.</param>
/// <param name="terminal">Where the questions are written.</param>
internal sealed class PasswordPrompt(Func<ConsoleKeyInfo>? readKey, TextReader input, TextWriter terminal)
{
    private const char ByteOrderMark = '\uFEFF';

    public static PasswordPrompt OfConsole() => new(
        Console.IsInputRedirected ? null : () => Console.ReadKey(intercept: true), Console.In, Console.Error);

    /// <summary>The password, or why there is none.</summary>
    public Read<string> Read()
    {
        if (readKey is null)
        {
            // Windows editors and PowerShell begin a UTF-8 text with a byte order mark, which the console's reader
            // keeps.
            return input.ReadLine()?.TrimStart(ByteOrderMark) is { Length: > 0 } line
                ? Check(line)
                : Mistake.Of("The password is missing: give it as one line on the standard input.");
        }

        var password = Check(Ask("Password: "));
        return !password.IsRead || Ask("The same password again: ") == password.Value
            ? password
            : Mistake.Of("The two passwords differ.");
    }

    private static Read<string> Check(string password) =>
        Password.Refuse(password) is { } refusal ? Mistake.Of(refusal) : password;

    private string Ask(string question)
    {
        terminal.Write(question);
        var typed = new StringBuilder();
        // Not null: passwords are asked for only at a terminal, which has keys.
        for (var key = readKey!(); key.Key != ConsoleKey.Enter; key = readKey())
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                typed.Length = Math.Max(0, typed.Length - 1);
            }
            else if (key.KeyChar != '\0')
            {
                typed.Append(key.KeyChar);
            }
        }

        terminal.WriteLine();
        return typed.ToString();
    }
}
