using Kaffediem.Persistence;
using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Bodies;

namespace Kaffediem.Server.Images;

/// <summary>Reads an item's image from a body, saves it, and determines the value of the item's column.</summary>
internal sealed class ItemImages(ImageStore store, ImageUrls urls, ImageOptions options)
{
    private const string Field = "image";

    // Worded as the other refusals: they follow the field's name.
    private const string Several = "must be one file";
    private const string Empty = "is an empty file";
    private const string NoImage = "must be a PNG, JPEG, WebP, AVIF or GIF image";
    private const string NoUrl = "must be an absolute http or https URL";
    private const string Gone = "is no longer stored here: upload it again";

    private readonly string _tooLarge = $"must not be larger than {options.MaxSizeText}";

    /// <summary>The error for a body that is larger than the limit: only an image can make it so.</summary>
    public FieldError TooLarge => new(Field, _tooLarge);

    /// <summary>Reads the field <c>image</c>; refuses a file that is not an image or too large.</summary>
    public SentImage Read(FieldReader body)
    {
        var address = ReadAddress(body);
        return new SentImage
        {
            Upload = ReadUpload(body),
            Address = address,
            OwnName = address.HasValue && body.Request is { } request ? urls.FindOwn(address.Value, request) : null,
        };
    }

    /// <summary>Saves the file, if one was sent, and replaces it by its address.</summary>
    public async Task<SentImage> SaveAsync(SentImage sent, CancellationToken cancellationToken)
    {
        if (sent.Upload is not { } upload)
        {
            return sent;
        }

        await using var content = upload.File.OpenReadStream();
        var name = await store.SaveAsync(content, upload.Kind, cancellationToken);
        return new SentImage { Address = ImageUrls.Path + name, OwnName = name };
    }

    /// <summary>Determines the value of the column; images of this server have no host.</summary>
    /// <param name="sent">The image that was sent; a file is saved already.</param>
    /// <param name="current">The current value of the column.</param>
    public KeptImage Keep(SentImage sent, string? current)
    {
        var name = sent.OwnName ?? FindCurrent(sent.Address, current);
        if (name is null)
        {
            // The stored address may always be sent back, even one in an old database that would be refused today.
            return sent.Address.Value is not { } address || address == current || IsWebAddress(address)
                ? new KeptImage(sent.Address)
                : new KeptImage(default, new FieldError(Field, NoUrl));
        }

        // Renewed in the transaction of the item, so that the image is not deleted just before the item refers to it.
        var image = ImageUrls.Path + name;
        return store.Renew(name) || image == current
            ? new KeptImage(image)
            : new KeptImage(default, new FieldError(Field, Gone));
    }

    // System.Uri alone would accept white space before the scheme and, on Linux, a path.
    private static bool IsWebAddress(string address) =>
        (address.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
            || address.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        && Uri.TryCreate(address, UriKind.Absolute, out _);

    // An empty text in a form changes nothing: scripts send it for a file input without a file.
    private static Optional<string?> ReadAddress(FieldReader body)
    {
        var address = body.IfNamed(Field, body.Text);
        return address.Value is null && body.Request is { HasFormContentType: true } ? default : address;
    }

    private ImageUpload? ReadUpload(FieldReader body)
    {
        var files = body.Files(Field);
        if (files.Count == 0)
        {
            return null;
        }

        var kind = DetectKind(files[0]);
        var refusal = files.Count > 1 ? Several
            : files[0].Length == 0 ? Empty
            : files[0].Length > options.MaxBytes ? _tooLarge
            : kind is null ? NoImage
            : null;
        if (refusal is not null)
        {
            body.Refuse(Field, refusal);
        }

        return kind is null ? null : new ImageUpload(files[0], kind);
    }

    private static ImageKind? DetectKind(IFormFile file)
    {
        // Its content is in memory or in a local file already, so reading it does not wait.
        using var content = file.OpenReadStream();
        var head = new byte[ImageKind.HeadLength];
        return ImageKind.Detect(head.AsSpan(0, content.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)));
    }

    // A client may know the server under a name that neither the settings nor this request have, such as one that a
    // proxy hides. Therefore the item's own image is recognized under any host.
    private static string? FindCurrent(Optional<string?> address, string? current) =>
        ImageUrls.NameIn(current) is { } name
        && address.Value?.EndsWith(ImageUrls.Path + name, StringComparison.Ordinal) == true
            ? name
            : null;
}
