using Kaffediem.Server.Commands;
using Kaffediem.Server.Http;

namespace Kaffediem.IntegrationTests.Accounts;

/// <summary>A new password, typed at a terminal.</summary>
public sealed class PasswordPromptTests
{
    private const char Backspace = '\b';

    [Fact]
    public void Password_is_asked_for_twice_and_not_shown()
    {
        var (answer, shown) = Type("hemmelig nok\rhemmelig nok\r");

        Assert.Equal("hemmelig nok", answer.Value);
        Assert.Equal("Password: |The same password again: |", shown.ReplaceLineEndings("|"));
    }

    [Fact]
    public void Backspace_deletes_a_mistyped_letter()
    {
        var (answer, _) = Type($"{Backspace}hemmx{Backspace}elig nok\rhemmelig nokk{Backspace}\r");

        Assert.Equal("hemmelig nok", answer.Value);
    }

    [Fact]
    public void Two_different_passwords_are_refused()
    {
        Assert.Equal("The two passwords differ.", Type("hemmelig nok\rhemmelig nik\r").Answer.Error?.Message);
    }

    [Fact]
    public void Too_short_a_password_is_not_asked_for_again()
    {
        var (answer, shown) = Type("kort\r");

        Assert.Contains("too short", answer.Error?.Message, StringComparison.Ordinal);
        Assert.Equal("Password: |", shown.ReplaceLineEndings("|"));
    }

    // Notepad and PowerShell write files with a byte-order mark.
    [Fact]
    public void Byte_order_mark_before_a_piped_password_is_dropped()
    {
        using var input = new StringReader("\uFEFFhemmelig nok\r\n");
        var prompt = new PasswordPrompt(readKey: null, input, TextWriter.Null);

        Assert.Equal("hemmelig nok", prompt.Read().Value);
    }

    private static (Read<string> Answer, string Shown) Type(string typed)
    {
        var keys = new Queue<char>(typed);
        using var terminal = new StringWriter();
        var prompt = new PasswordPrompt(() => KeyOf(keys.Dequeue()), TextReader.Null, terminal);
        return (prompt.Read(), terminal.ToString());
    }

    private static ConsoleKeyInfo KeyOf(char typed) => new(
        typed,
        typed == '\r' ? ConsoleKey.Enter : typed == Backspace ? ConsoleKey.Backspace : ConsoleKey.None,
        shift: false,
        alt: false,
        control: false);
}
