using System.Buffers.Binary;

namespace Kaffediem.Server.Images;

/// <summary>A kind of image that can be uploaded, known by its first bytes.</summary>
/// <param name="Extension">The extension of the stored file, with its dot.</param>
/// <param name="ContentType">The media type under which it is served.</param>
internal sealed record ImageKind(string Extension, string ContentType)
{
    /// <summary>How many of a file's first bytes are examined.</summary>
    public const int HeadLength = 256;

    public static readonly ImageKind Png = new(".png", "image/png");
    public static readonly ImageKind Jpeg = new(".jpg", "image/jpeg");
    public static readonly ImageKind WebP = new(".webp", "image/webp");
    public static readonly ImageKind Avif = new(".avif", "image/avif");
    public static readonly ImageKind Gif = new(".gif", "image/gif");

    // ISO 14496-12 §4.3: a box begins with its length (4) and type (4); ftyp goes on with a brand (4), a version (4)
    // and further brands.
    private const int BoxHeaderLength = 8;
    private const int BrandLength = 4;

    private static readonly ImageKind[] All = [Png, Jpeg, WebP, Avif, Gif];

    private static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    private static ReadOnlySpan<byte> JpegSignature => [0xFF, 0xD8, 0xFF];

    /// <summary>The kind of a stored file; <c>null</c> for the extension of other files.</summary>
    public static ImageKind? OfExtension(ReadOnlySpan<char> extension)
    {
        foreach (var kind in All)
        {
            if (extension.SequenceEqual(kind.Extension))
            {
                return kind;
            }
        }

        return null;
    }

    /// <summary>The kind of a file that begins with these bytes; <c>null</c> if it is none of the kinds.</summary>
    // The signatures: WHATWG MIME Sniffing §6.1; AVIF: AV1 Image File Format §6 (brands avif and, for sequences, avis).
    public static ImageKind? Detect(ReadOnlySpan<byte> head) =>
        head.StartsWith(PngSignature) ? Png
        : head.StartsWith(JpegSignature) ? Jpeg
        : head.Length >= 14 && head.StartsWith("RIFF"u8) && head[8..].StartsWith("WEBPVP"u8) ? WebP
        : IsAvif(head) ? Avif
        : head.StartsWith("GIF87a"u8) || head.StartsWith("GIF89a"u8) ? Gif
        : null;

    private static bool IsAvif(ReadOnlySpan<byte> head)
    {
        if (head.Length < BoxHeaderLength + BrandLength || !head[4..].StartsWith("ftyp"u8))
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(head);
        var box = head[..(int)Math.Min(length, (uint)head.Length)];
        for (var at = BoxHeaderLength; at + BrandLength <= box.Length; at += BrandLength)
        {
            // The four bytes after the main brand are its version, not a brand.
            var isBrand = at != BoxHeaderLength + BrandLength;
            if (isBrand && (box[at..].StartsWith("avif"u8) || box[at..].StartsWith("avis"u8)))
            {
                return true;
            }
        }

        return false;
    }
}
