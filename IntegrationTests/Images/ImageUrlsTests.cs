using System.Text;
using System.Text.Json;
using Kaffediem.Persistence.Catalog;
using Kaffediem.Server.Images;

namespace Kaffediem.IntegrationTests.Images;

/// <summary>Image addresses are made absolute in JSON that is already encoded.</summary>
public sealed class ImageUrlsTests
{
    private const string Base = "https://api.shop.example";
    private const string Stored = "/uploads/0123456789abcdef0123456789abcdef.png";

    [Fact]
    public void Stored_address_becomes_absolute_at_every_depth()
    {
        var webP = Stored.Replace("png", "webp");
        var menu = Encode([Item(1, "Latte", Stored), Item(2, "Te", null), Item(3, "Kakao", webP)]);

        var items = Decode(ImageUrls.MakeAbsolute(menu, Base));

        Assert.Equal([Base + Stored, null, Base + webP], items.Select(item => item.Image));
    }

    [Theory]
    [InlineData("https://bilder.example/uploads/0123456789abcdef0123456789abcdef.png")]
    [InlineData("latte.jpg")]
    [InlineData("/uploads/latte.jpg")]
    [InlineData("/uploads/0123456789abcdef0123456789abcdef.svg")]
    [InlineData("/uploads/0123456789ABCDEF0123456789ABCDEF.png")]
    [InlineData("/uploads/0123456789abcdef0123456789abcdef.png?x")]
    [InlineData("/uploads/")]
    public void Any_other_address_is_unchanged_and_the_JSON_is_not_copied(string image)
    {
        ReadOnlyMemory<byte> json = Encode([Item(1, "Latte", image)]);

        Assert.True(json.Equals(ImageUrls.MakeAbsolute(json, Base)));
    }

    [Theory]
    [InlineData("\",\"image\":\"" + Stored)]
    [InlineData("\\\",\"image\":\"" + Stored + "\",\"x\":\"\\")]
    [InlineData("\\\"image\\\":\\\"" + Stored + "\\\"")]
    [InlineData("image")]
    public void Value_that_looks_like_the_property_is_unchanged(string name)
    {
        ReadOnlyMemory<byte> json = Encode([Item(1, name, null)]);

        Assert.True(json.Equals(ImageUrls.MakeAbsolute(json, Base)));
    }

    [Fact]
    public void Base_address_cannot_end_the_string_it_is_inserted_into()
    {
        var json = ImageUrls.MakeAbsolute(Encode([Item(1, "Latte", Stored)]), "http://\",\"x\":\"");

        Assert.Equal("http://\",\"x\":\"" + Stored, Decode(json).Single().Image);
    }

    [Theory]
    [InlineData("{\"image\":\"/uploads/")]
    [InlineData("{\"image\":\"/uploads/0123456789abcdef0123456789abcdef.png")]
    [InlineData("")]
    public void Truncated_JSON_is_unchanged(string json)
    {
        Assert.Equal(json, Encoding.UTF8.GetString(ImageUrls.MakeAbsolute(Encoding.UTF8.GetBytes(json), Base).Span));
    }

    [Theory]
    [InlineData(null, "http://127.0.0.1:4000")]
    [InlineData("https://api.shop.example", "https://api.shop.example")]
    [InlineData("https://api.shop.example/", "https://api.shop.example")]
    [InlineData("https://shop.example/kaffe/", "https://shop.example/kaffe")]
    public void Base_is_the_public_address_or_the_requests(string? publicUrl, string expected)
    {
        var urls = new ImageUrls(new ImageOptions { PublicUrl = publicUrl });

        Assert.Equal(expected, urls.BaseOf(new Uri("http://127.0.0.1:4000/socket/websocket?vsn=2.0.0")));
    }

    private static Item Item(long id, string name, string? image) => new()
    {
        Id = id,
        Name = name,
        PriceNok = 1,
        CategoryId = 1,
        CategoryName = "Kaffe",
        Image = image,
        Enable = true,
        SortOrder = 1,
        InsertedAt = "",
        UpdatedAt = "",
    };

    private static byte[] Encode(IReadOnlyList<Item> items) =>
        JsonSerializer.SerializeToUtf8Bytes(items, CatalogJson.Wire.IReadOnlyListItem);

    private static IReadOnlyList<Item> Decode(ReadOnlyMemory<byte> json) =>
        JsonSerializer.Deserialize(json.Span, CatalogJson.Wire.IReadOnlyListItem)!;
}
