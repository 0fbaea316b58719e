using System.Globalization;
using System.Text;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol.Fuzz;

/// <summary>One case: its own chance, and what was sent, to be told when it fails.</summary>
internal sealed class FuzzCase(string kind, long index)
{
    private const int MaxTold = 2000;

    private readonly List<(string What, byte[] Bytes)> _sent = [];

    public FuzzRandom Random { get; } = FuzzRandom.Of(TestSettings.FuzzSeed, kind, index);

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
        string.Create(CultureInfo.InvariantCulture, $"Fuzzing {kind} failed: {reason.Message}\n")
        + string.Create(
            CultureInfo.InvariantCulture, $"Repeat it with {TestSettings.RepeatCase(index)}.\n")
        + string.Concat(_sent.Select(sent => $"{sent.What}: {Describe(sent.Bytes)}\n")),
        reason);

    // As it can be read, and pasted into a test: what is not ASCII as escapes.
    private static string Describe(byte[] bytes)
    {
        var text = new StringBuilder();
        foreach (var value in bytes.Take(MaxTold))
        {
            text.Append(value is >= 0x20 and < 0x7F ? ((char)value).ToString() : $"\\x{value:X2}");
        }

        return bytes.Length > MaxTold ? $"{text}... ({bytes.Length} bytes)" : text.ToString();
    }
}
