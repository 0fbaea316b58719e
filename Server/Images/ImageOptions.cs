using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Kaffediem.Protocol;
using Microsoft.Extensions.Options;

namespace Kaffediem.Server.Images;

/// <summary>Section <c>Images</c>: the uploaded images of items.</summary>
internal sealed class ImageOptions : IValidatableObject
{
    private const int Mebibyte = 1024 * 1024;

    /// <summary>The largest image that is accepted, in bytes (default 5 MiB).</summary>
    // A form of up to 128 MB is read (FormOptions); the rest of one with an image is small.
    [Range(1, 100 * Mebibyte)]
    [Description("the largest image that may be uploaded, in bytes")]
    public int MaxBytes { get; init; } = 5 * Mebibyte;

    /// <summary>
    /// Setting <c>PublicUrl</c>: the address under which browsers reach this server, such as
    /// <c>https://api.shop.example</c> (default <c>null</c>: the address that each request names).
    /// </summary>
    [Description("the address under which browsers reach the server, for example https://api.shop.example")]
    public string? PublicUrl { get; init; }

    /// <summary>
    /// The number of different hosts under which connections are sent images at a time, if <see cref="PublicUrl"/> is
    /// not set (default 64). Each change of the menu is encoded once for each of them.
    /// </summary>
    [Range(1, 10_000)]
    [Description("under how many different hosts clients are sent images at a time, where PublicUrl is not set")]
    public int MaxHosts { get; init; } = 64;

    /// <summary>The largest body of a request, in bytes: Kaffebase's limit, or an image with its form.</summary>
    public long MaxRequestBytes => Math.Max(8_000_000, MaxBytes + 1_000_000L);

    /// <summary><see cref="MaxBytes"/> for people, for example <c>5 MB</c>.</summary>
    public string MaxSizeText => MaxBytes % Mebibyte == 0 ? $"{MaxBytes / Mebibyte} MB" : $"{MaxBytes} bytes";

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (PublicUrl is not null && !IsBase(PublicUrl))
        {
            yield return new ValidationResult(
                $"PublicUrl: '{PublicUrl}' is not an address such as https://api.shop.example (http or https).");
        }
    }

    private static bool IsBase(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri is { Query: "", Fragment: "", UserInfo: "" }
        && Origin.TryParse(uri.GetLeftPart(UriPartial.Authority), out _);
}

[OptionsValidator]
internal sealed partial class ImageOptionsValidator : IValidateOptions<ImageOptions>;
