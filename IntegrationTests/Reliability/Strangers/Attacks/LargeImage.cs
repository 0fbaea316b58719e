using System.Security.Cryptography;
using Kaffediem.IntegrationTests.Images;
using Kaffediem.Server.Images;

namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>An image of the maximum size, for attackers to request.</summary>
internal static class LargeImage
{
    // Images:MaxBytes is 5 MiB.
    private static readonly byte[] Content = ImageFiles.PngOf(5_000_000);

    public static string Path { get; } = $"/uploads/{ImageName.Of(SHA256.HashData(Content), ImageKind.Png)}";

    /// <summary>Uploads it as the shop's administrator.</summary>
    public static async Task UploadAsync(AttackedShop shop)
    {
        using var client = shop.CreateClient(shop.AdministratorCookie);
        Assert.EndsWith(Path, await ImageFiles.UploadAsync(client, Content), StringComparison.Ordinal);
    }
}
