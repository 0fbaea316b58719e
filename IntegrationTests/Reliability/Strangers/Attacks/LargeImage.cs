using System.Security.Cryptography;
using Kaffediem.IntegrationTests.Images;
using Kaffediem.Server.Images;

namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>An image as large as the server accepts, for attackers to ask for.</summary>
internal static class LargeImage
{
    // Images:MaxBytes is 5 MiB.
    private static readonly byte[] Content = ImageFiles.PngOf(5_000_000);

    public static string Path { get; } = $"/uploads/{ImageName.Of(SHA256.HashData(Content), ImageKind.Png)}";

    /// <summary>Has the shop's administrator give it to an item.</summary>
    public static async Task UploadAsync(AttackedShop shop)
    {
        using var client = shop.CreateClient(shop.AdministratorCookie);
        Assert.EndsWith(Path, await ImageFiles.UploadAsync(client, Content), StringComparison.Ordinal);
    }
}
