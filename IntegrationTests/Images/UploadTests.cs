using System.Text;
using System.Text.Json;
using Kaffediem.IntegrationTests.Support;
using static Kaffediem.IntegrationTests.Images.ImageFiles;

namespace Kaffediem.IntegrationTests.Images;

/// <summary>The files that may be uploaded as an item's image, and how others are refused.</summary>
public sealed class UploadTests : IAsyncDisposable
{
    private const string NoImage = """{"errors":{"image":["must be a PNG, JPEG, WebP, AVIF or GIF image"]}}""";
    private const string TooLarge = """{"errors":{"image":["must not be larger than 5 MB"]}}""";

    private readonly KaffediemServer _server = KaffediemServer.Start();
    private readonly RestClient _client;

    public UploadTests() => _client = _server.CreateClient();

    public static TheoryData<byte[], string, string> Kinds => new()
    {
        { Png, ".png", "image/png" },
        { Jpeg, ".jpg", "image/jpeg" },
        { WebP, ".webp", "image/webp" },
        { Gif, ".gif", "image/gif" },
        { OldGif, ".gif", "image/gif" },
        { Avif, ".avif", "image/avif" },
        { AvifSequence, ".avif", "image/avif" },
        { CompatibleAvif, ".avif", "image/avif" },
    };

    public static TheoryData<byte[]> NotImages => new()
    {
        Text("<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>"),
        Text("<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        Text("<!doctype html><script>alert(1)</script>"),
        Text("just text"),
        Text(" GIF89a"),
        Text("BM a bitmap, not one of the five"),
        Text("RIFF\u0020\0\0\0WAVEfmt "),
        Text("\0\0\0\u001Cftypmif1\0\0\0\0miafheic"),
        Text("\0\0\0\u001Cftypheic\0\0\0\0mif1heic avif"),
        Text("\0\0\0\u0014ftypmif1avifmif1avif"),
        Png[..7],
        Jpeg[..2],
        WebP[..13],
        Gif[..5],
        Avif[..11],
        Text("\0\0\0\0ftypavif"),
        new byte[] { 0 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Image_is_recognized_by_its_content_not_its_name(byte[] file, string extension, string type)
    {
        using var form = Fields();
        form.Add(Part(file, "text/html"), "image", "evil.html");

        var record = (await _client.SendAsync("POST", Items, form)).Is(201);

        var url = record.GetProperty("image").GetString()!;
        Assert.Matches($"^{_server.BaseAddress}uploads/[0-9a-f]{{32}}\\{extension}$", url);
        Assert.Equal(file, await ReadAsync(url));
        Assert.Equal(type, (await _client.GetAsync(url)).Header("Content-Type"));
    }

    [Theory]
    [MemberData(nameof(NotImages))]
    public async Task File_that_is_not_an_image_is_refused_under_any_name(byte[] file)
    {
        using var created = Form(file);
        using var changed = Form(file);

        (await _client.SendAsync("POST", Items, created)).Is(422, NoImage);
        (await _client.SendAsync("PATCH", Items + "/1", changed)).Is(422, NoImage);
        Assert.Empty(Stored());
    }

    [Theory]
    [InlineData("POST", Items, 201)]
    [InlineData("PATCH", Items + "/1", 200)]
    [InlineData("PUT", Items + "/1", 200)]
    public async Task Form_of_the_front_end_is_accepted(string method, string path, int status)
    {
        using var form = Form(Png, "blåbær & kanel – «søt».PNG");

        var record = (await _client.SendAsync(method, path, form)).Is(status);

        Assert.Equal("Mokka", record.GetProperty("name").GetString());
        Assert.Equal(30, record.GetProperty("price_nok").GetInt64());
        Assert.Equal(1, record.GetProperty("category_id").GetInt64());
        Assert.True(record.GetProperty("enable").GetBoolean());
        Assert.Equal(20, record.GetProperty("sort_order").GetInt64());
        Assert.Equal(Png, await ReadAsync(record.GetProperty("image").GetString()!));
    }

    /// <summary>Chromium and Firefox write a file name in plain UTF-8, with quotes as %22.</summary>
    [Fact]
    public async Task File_name_from_a_browser_may_be_anything()
    {
        byte[] body =
        [
            .. Encoding.UTF8.GetBytes(
                "--B\r\nContent-Disposition: form-data; name=\"image\"; filename=\"kaffe på %22fat%22; ☕.svg\"\r\n"
                + "Content-Type: image/svg+xml\r\n\r\n"),
            .. Png,
            .. "\r\n--B--\r\n"u8,
        ];

        var record = (await SendRawAsync("PATCH", Items + "/1", body)).Is(200);

        Assert.EndsWith(".png", record.GetProperty("image").GetString(), StringComparison.Ordinal);
        Assert.Equal("Latte", record.GetProperty("name").GetString());
    }

    [Fact]
    public async Task Empty_file_input_neither_changes_nor_creates_an_image()
    {
        var before = (await _client.GetAsync(Items + "/2")).Is(200).GetProperty("image").GetString();
        var body = "--B\r\nContent-Disposition: form-data; name=\"image\"; filename=\"\"\r\n"
            + "Content-Type: application/octet-stream\r\n\r\n\r\n--B--\r\n";
        var fields = "--B\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nMokka\r\n"
            + "--B\r\nContent-Disposition: form-data; name=\"price_nok\"\r\n\r\n30\r\n"
            + "--B\r\nContent-Disposition: form-data; name=\"category_id\"\r\n\r\n1\r\n";

        var changed = (await SendRawAsync("PATCH", Items + "/2", Encoding.UTF8.GetBytes(body))).Is(200);
        var created = (await SendRawAsync("POST", Items, Encoding.UTF8.GetBytes(fields + body))).Is(201);

        Assert.NotNull(before);
        Assert.Equal(before, changed.GetProperty("image").GetString());
        Assert.Equal(JsonValueKind.Null, created.GetProperty("image").ValueKind);
    }

    [Fact]
    public async Task Empty_file_is_refused()
    {
        using var form = Form([]);

        (await _client.SendAsync("POST", Items, form)).Is(422, """{"errors":{"image":["is an empty file"]}}""");
    }

    [Fact]
    public async Task Five_megabytes_are_accepted_but_not_a_byte_more()
    {
        using var largest = Form(PngOf(5 * 1024 * 1024));
        using var larger = Form(PngOf((5 * 1024 * 1024) + 1), name: "Mokka 2");

        var record = (await _client.SendAsync("POST", Items, largest)).Is(201);

        Assert.Equal(PngOf(5 * 1024 * 1024), await ReadAsync(record.GetProperty("image").GetString()!));
        (await _client.SendAsync("POST", Items, larger)).Is(422, TooLarge);
        Assert.Single(Stored());
    }

    [Fact]
    public async Task Photo_far_over_the_limit_is_refused_in_the_same_words_with_CORS_headers()
    {
        using var form = Form(PngOf(20_000_000));
        _client.Headers.Add("Origin", "http://localhost:5173");

        var answer = await _client.SendAsync("PATCH", Items + "/1", form);

        answer.Is(422, TooLarge);
        Assert.Equal("http://localhost:5173", answer.Header("Access-Control-Allow-Origin"));
        Assert.Equal("true", answer.Header("Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task Form_far_over_the_limit_is_refused_in_other_collections_too()
    {
        using var form = Form(PngOf(20_000_000));

        var answer = await _client.SendAsync("POST", "/api/collections/category/records", form);

        answer.Is(413, """{"errors":{"detail":"Payload Too Large"}}""");
    }

    [Fact]
    public async Task All_errors_are_reported_at_once_and_no_file_is_kept()
    {
        using var wrongFile = Fields("");
        wrongFile.Add(Part(Text("text"), "image/png"), "image", "kopp.png");
        using var wrongFields = Fields(" ");
        wrongFields.Add(Part(Png, "image/png"), "image", "kopp.png");

        (await _client.SendAsync("POST", Items, wrongFile)).Is(422, """
            {"errors":{"name":["can't be blank"],"image":["must be a PNG, JPEG, WebP, AVIF or GIF image"]}}
            """);
        (await _client.SendAsync("POST", Items, wrongFields)).Is(422, """{"errors":{"name":["can't be blank"]}}""");
        Assert.Empty(Stored());
    }

    [Fact]
    public async Task Image_for_an_unknown_item_returns_404()
    {
        using var form = Form(Png);

        (await _client.SendAsync("PATCH", Items + "/999", form)).Is(404);
    }

    /// <summary>A form has a different boundary each time; only its content counts.</summary>
    [Fact]
    public async Task Retried_upload_with_its_idempotency_key_creates_one_item()
    {
        _client.Headers.Add("Idempotency-Key", "upload-1");
        using var form = Form(Png);
        using var again = Form(Png);
        using var other = Form(Gif);

        var record = (await _client.SendAsync("POST", Items, form)).Is(201);
        (await _client.SendAsync("POST", Items, again)).Is(201, record.GetRawText());
        (await _client.SendAsync("POST", Items, other)).Is(422);

        Assert.Equal(6, (await _client.GetAsync(Items)).Items.Length);
    }

    [Fact]
    public async Task Tag_of_an_answer_with_an_image_is_valid_for_the_next_write()
    {
        using var form = Form(Png);
        var tag = (await _client.SendAsync("PATCH", Items + "/1", form)).Header("ETag")!;
        Assert.Equal(tag, (await _client.GetAsync(Items + "/1")).Header("ETag"));
        _client.Headers.Add("If-Match", tag);

        (await _client.PatchAsync(Items + "/1", """{"sort_order":9}""")).Is(200);
        (await _client.PatchAsync(Items + "/1", """{"sort_order":10}""")).Is(412);
    }

    [Fact]
    public async Task Image_uploaded_by_many_clients_at_once_is_one_complete_file()
    {
        var file = PngOf(1_000_000);

        var urls = await Task.WhenAll(Enumerable.Range(0, 16).Select(
            index => UploadAsync(_client, file, $"{Items}/{1 + (index % 5)}")));

        Assert.Equal(file, await ReadAsync(Assert.Single(urls.Distinct())));
        Assert.Single(Stored());
    }

    [Fact]
    public async Task Two_images_for_one_item_are_refused()
    {
        using var form = Form(Png);
        form.Add(Part(Gif, "image/gif"), "image", "kopp.gif");

        (await _client.SendAsync("POST", Items, form)).Is(422, """{"errors":{"image":["must be one file"]}}""");
    }

    [Fact]
    public async Task Files_in_other_fields_and_collections_are_refused()
    {
        using var item = Form(Png);
        item.Add(Part(Png, "image/png"), "photo", "kopp.png");
        using var category = new MultipartFormDataContent { { new StringContent("Is"), "name" } };
        category.Add(Part(Png, "image/png"), "image", "kopp.png");

        (await _client.SendAsync("POST", Items, item)).Is(422, """{"errors":{"photo":["cannot be a file"]}}""");
        (await _client.SendAsync("POST", "/api/collections/category/records", category))
            .Is(422, """{"errors":{"image":["cannot be a file"]}}""");
        Assert.Empty(Stored());
    }

    [Fact]
    public async Task Limit_is_a_setting()
    {
        var setup = new ServerSetup { Settings = { ["Images:MaxBytes"] = "1000" } };
        await using var server = KaffediemServer.Start(setup);
        using var client = server.CreateClient();
        using var largest = Form(PngOf(1000));
        using var larger = Form(PngOf(1001), name: "Mokka 2");

        (await client.SendAsync("POST", Items, largest)).Is(201);
        (await client.SendAsync("POST", Items, larger))
            .Is(422, """{"errors":{"image":["must not be larger than 1000 bytes"]}}""");
    }

    [Fact]
    public async Task Larger_limit_admits_larger_bodies()
    {
        var setup = new ServerSetup { Settings = { ["Images:MaxBytes"] = "12582912" } };
        await using var server = KaffediemServer.Start(setup);
        using var client = server.CreateClient();
        using var form = Form(PngOf(12_582_912));

        (await client.SendAsync("POST", Items, form)).Is(201);
    }

    [Fact]
    public async Task Upload_needs_the_right_to_write()
    {
        await using var server = KaffediemServer.Start(new ServerSetup { Environment = "Production" });
        using var client = server.CreateClient();
        using var form = Form(Png);

        (await client.SendAsync("POST", Items, form)).Is(401);

        Assert.Empty(ImageFiles.Stored(server));
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    private string[] Stored() => ImageFiles.Stored(_server);

    private async Task<RestAnswer> SendRawAsync(string method, string path, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=B");
        return await _client.SendAsync(method, path, content);
    }
}
