using System.Globalization;

namespace Kaffediem.Server.Http;

/// <summary>Integers written as text: decimal digits with an optional sign and nothing around them.</summary>
internal static class DecimalText
{
    /// <summary>An id that no record has.</summary>
    private const long NoId = 0;

    /// <summary>The number; <c>null</c> if the text is not one or does not fit 64 bits.</summary>
    public static long? ToInteger(string text) =>
        IsDecimal(text)
        && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    /// <summary>
    /// The record id in a path; <c>null</c> if it is malformed. A number too large for the column becomes an id that no
    /// record has.
    /// </summary>
    public static long? ToId(string text) => ToInteger(text) ?? (IsDecimal(text) ? NoId : null);

    private static bool IsDecimal(string text)
    {
        var digits = text.AsSpan(text is ['+' or '-', ..] ? 1 : 0);
        return !digits.IsEmpty && !digits.ContainsAnyExceptInRange('0', '9');
    }
}
