using Kaffediem.Persistence;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Server.Images;

/// <summary>What a body says of an item's image: a file, an address, or nothing.</summary>
internal sealed record SentImage
{
    /// <summary>The file, of a size and kind that are taken; it counts more than an address.</summary>
    public ImageUpload? Upload { get; init; }

    /// <summary>The address, as it was sent; <c>null</c> takes the image away.</summary>
    public Optional<string?> Address { get; init; }

    /// <summary>The image of ours that the address names; <c>null</c> when the address is not this server's.</summary>
    public string? OwnName { get; init; }
}

/// <summary>An uploaded file, readable as long as its request.</summary>
internal sealed record ImageUpload(IFormFile File, ImageKind Kind);

/// <summary>What of it is kept.</summary>
/// <param name="Address">What the column is to have; not named when it stays as it is.</param>
/// <param name="Refusal">Why nothing is kept; <c>null</c> when all is well.</param>
internal sealed record KeptImage(Optional<string?> Address, FieldError? Refusal = null);
