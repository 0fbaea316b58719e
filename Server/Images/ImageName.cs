using System.Buffers;

namespace Kaffediem.Server.Images;

/// <summary>
/// The name of a stored image: half the SHA-256 of its content in lower-case hex, and the extension of its kind. Other
/// content has another name, so the content under a name never changes.
/// </summary>
internal static class ImageName
{
    private const int HashBytes = 16;
    private const int HashDigits = 2 * HashBytes;

    /// <summary>The longest name.</summary>
    public const int MaxLength = HashDigits + 5;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    public static string Of(ReadOnlySpan<byte> sha256, ImageKind kind) =>
        Convert.ToHexStringLower(sha256[..HashBytes]) + kind.Extension;

    /// <summary>The kind of the image with this name; <c>null</c> for the name of any other file.</summary>
    public static ImageKind? KindOf(ReadOnlySpan<char> name) =>
        name.Length is > HashDigits and <= MaxLength && !name[..HashDigits].ContainsAnyExcept(HexDigits)
            ? ImageKind.OfExtension(name[HashDigits..])
            : null;
}
