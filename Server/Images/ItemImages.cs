using Kaffediem.Persistence;
using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Bodies;

namespace Kaffediem.Server.Images;

/// <summary>An item's image on its way in: read from a body, and turned into what the item's column keeps.</summary>
internal sealed class ItemImages(ImageStore store, ImageUrls urls, ImageOptions options)
{
    private const string Field = "image";

    // In the words of the other refusals, which follow the field's name.
    private const string Several = "must be one file";
    private const string Empty = "is an empty file";
    private const string NoImage = "must be a PNG, JPEG, WebP, AVIF or GIF image";
    private const string NoUrl = "must be an absolute http or https URL";
    private const string Gone = "is no longer stored here: upload it again";

    private readonly string _tooLarge = $"must not be larger than {options.MaxSizeText}";

    /// <summary>What is wrong with a body that is larger than the server takes: it can only be the image.</summary>
    public FieldError TooLarge => new(Field, _tooLarge);

    /// <summary>Reads the field <c>image</c>; refuses a file that cannot be taken.</summary>
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

    /// <summary>Saves the file, if one was sent: what is left of it is its address.</summary>
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

    /// <summary>Decides what the column is to have: no host before an image of ours.</summary>
    /// <param name="sent">What was sent, saved.</param>
    /// <param name="current">What the column has now.</param>
    public KeptImage Keep(SentImage sent, string? current)
    {
        var name = sent.OwnName ?? FindCurrent(sent.Address, current);
        if (name is null)
        {
            // The stored address may always be sent back, even if an old database has one that is refused today.
            return sent.Address.Value is not { } address || address == current || IsWebAddress(address)
                ? new KeptImage(sent.Address)
                : new KeptImage(default, new FieldError(Field, NoUrl));
        }

        // Renewed in the same transaction as the item: what is about to be referred to is not swept away.
        var image = ImageUrls.Path + name;
        return store.Renew(name) || image == current
            ? new KeptImage(image)
            : new KeptImage(default, new FieldError(Field, Gone));
    }

    // Not by System.Uri alone, which takes white space before the scheme, and on Linux a path for a URL.
    private static bool IsWebAddress(string address) =>
        (address.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
            || address.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        && Uri.TryCreate(address, UriKind.Absolute, out _);

    // An empty text in a form changes nothing: scripts send it for a file input in which nothing was picked.
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
        // In memory or a local file already: nothing to wait for.
        using var content = file.OpenReadStream();
        var head = new byte[ImageKind.HeadLength];
        return ImageKind.Detect(head.AsSpan(0, content.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)));
    }

    // A screen may know the server under a name that neither the settings nor this request have, such as one the proxy
    // hides: the item's own image, whatever the host, is the item's own image.
    private static string? FindCurrent(Optional<string?> address, string? current) =>
        ImageUrls.NameIn(current) is { } name
        && address.Value?.EndsWith(ImageUrls.Path + name, StringComparison.Ordinal) == true
            ? name
            : null;
}
