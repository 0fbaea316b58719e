using System.Text;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol.Fuzz;

/// <summary>One case: its random numbers, and the bytes it sent, for the failure's text.</summary>
internal sealed class FuzzCase(string kind, long index)
{
    private const int MaxShown = 2000;

    private readonly List<(string What, byte[] Bytes)> _sent = [];

    public SeededRandom Random { get; } = SeededRandom.Of(TestSettings.FuzzSeed, kind, index);

    public byte[] Note(string what, byte[] bytes)
    {
        _sent.Add((what, bytes));
        return bytes;
    }

    public string Note(string what, string text)
    {
        Note(what, Encoding.UTF8.GetBytes(text));
        return text;
    }

    public Exception Failure(Exception reason) => new InvalidOperationException(
        $"Fuzzing {kind} failed: {reason.Message}\nRepeat it with {TestSettings.RepeatCase(index)}.\n"
        + string.Concat(_sent.Select(sent => $"{sent.What}: {Describe(sent.Bytes)}\n")),
        reason);

    // Readable, and ready to paste into a test: bytes that are not ASCII are escaped.
    private static string Describe(byte[] bytes)
    {
        var text = new StringBuilder();
        foreach (var value in bytes.Take(MaxShown))
        {
            text.Append(value is >= 0x20 and < 0x7F ? ((char)value).ToString() : $"\\x{value:X2}");
        }

        return bytes.Length > MaxShown ? $"{text}... ({bytes.Length} bytes)" : text.ToString();
    }
}
