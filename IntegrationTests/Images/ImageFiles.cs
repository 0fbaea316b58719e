using System.Net.Http.Headers;
using System.Text;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Images;

/// <summary>Files that begin like images, which is all that the server checks, and the front end's form.</summary>
internal static class ImageFiles
{
    public const string Items = "/api/collections/item/records";

    public static readonly byte[] Png = [0x89, .. "PNG\r\n"u8, 0x1A, .. "\n a cup of coffee"u8];
    public static readonly byte[] Jpeg = [0xFF, 0xD8, 0xFF, 0xE0, .. "\0\u0010JFIF\0 a cup of coffee"u8];
    public static readonly byte[] WebP = [.. "RIFF\u0020\0\0\0WEBPVP8L a cup of coffee"u8];
    public static readonly byte[] Gif = [.. "GIF89a a cup of coffee"u8];
    public static readonly byte[] OldGif = [.. "GIF87a a cup of coffee"u8];
    public static readonly byte[] Avif = [.. "\0\0\0\u001Cftypavif\0\0\0\0mif1miaf a cup of coffee"u8];
    public static readonly byte[] AvifSequence = [.. "\0\0\0\u0020ftypavis\0\0\0\0msf1miafavis a cup of coffee"u8];
    public static readonly byte[] CompatibleAvif = [.. "\0\0\0\u001Cftypmif1\0\0\0\0miafavif a cup of coffee"u8];

    /// <summary>The form of <c>item/[slug]/+page.svelte</c>: all fields as text, and the chosen file.</summary>
    public static MultipartFormDataContent Form(byte[] file, string fileName = "kopp.png", string name = "Mokka")
    {
        var form = Fields(name);
        form.Add(Part(file, "image/png"), "image", fileName);
        return form;
    }

    public static MultipartFormDataContent Fields(string name = "Mokka") => new()
    {
        { new StringContent(name), "name" },
        { new StringContent("30"), "price_nok" },
        { new StringContent("1"), "category_id" },
        { new StringContent("true"), "enable" },
        { new StringContent("20"), "sort_order" },
    };

    public static ByteArrayContent Part(byte[] file, string? contentType)
    {
        var content = new ByteArrayContent(file);
        content.Headers.ContentType = contentType is null ? null : new MediaTypeHeaderValue(contentType);
        return content;
    }

    /// <summary>A PNG of exactly the given number of bytes.</summary>
    public static byte[] PngOf(int length)
    {
        var file = new byte[length];
        Png.CopyTo(file, 0);
        return file;
    }

    /// <summary>Uploads a file as an item's image and returns its address in the answer.</summary>
    public static async Task<string> UploadAsync(RestClient client, byte[] file, string path = Items + "/1")
    {
        using var form = new MultipartFormDataContent { { Part(file, "image/png"), "image", "kopp.png" } };
        return (await client.SendAsync("PATCH", path, form)).Is(200).GetProperty("image").GetString()!;
    }

    public static async Task<byte[]> ReadAsync(string url)
    {
        using var http = new HttpClient();
        return await http.GetByteArrayAsync(url, TestContext.Current.CancellationToken);
    }

    /// <summary>The folder in which a server stores its images.</summary>
    public static string Folder(KaffediemServer server) =>
        $"{server.DatabasePath}-uploads";

    /// <summary>The names of all files in that folder.</summary>
    public static string[] Stored(KaffediemServer server) =>
        Directory.Exists(Folder(server))
            ? [.. Directory.GetFiles(Folder(server)).Select(path => Path.GetFileName(path)).Order()]
            : [];

    public static byte[] Text(string text) => Encoding.Latin1.GetBytes(text);
}
