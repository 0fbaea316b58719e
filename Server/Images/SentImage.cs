using Kaffediem.Persistence;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Server.Images;

/// <summary>An item's image in a body: a file, an address, or neither.</summary>
internal sealed record SentImage
{
    /// <summary>The file, of an accepted size and kind; it takes precedence over an address.</summary>
    public ImageUpload? Upload { get; init; }

    /// <summary>The address as it was sent; <c>null</c> removes the image.</summary>
    public Optional<string?> Address { get; init; }

    /// <summary>The name of the image that the address points to; <c>null</c> if it is not this server's.</summary>
    public string? OwnName { get; init; }
}

/// <summary>An uploaded file, which can be read until its request ends.</summary>
internal sealed record ImageUpload(IFormFile File, ImageKind Kind);

/// <summary>The value for the item's column, or a refusal.</summary>
/// <param name="Address">The new value; not named if it stays as it is.</param>
/// <param name="Refusal">Why the image is refused; <c>null</c> if it is accepted.</param>
internal sealed record KeptImage(Optional<string?> Address, FieldError? Refusal = null);
