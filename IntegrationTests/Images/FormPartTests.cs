using System.Text;
using System.Text.Json;
using Kaffediem.IntegrationTests.Support;
using static Kaffediem.IntegrationTests.Images.ImageFiles;

namespace Kaffediem.IntegrationTests.Images;

/// <summary>The parts of a form as clients other than browsers write them (RFC 7578).</summary>
public sealed class FormPartTests : IAsyncDisposable
{
    private const string Latte = Items + "/1";
    private const string Named = "Content-Disposition: form-data; name=\"image\"";

    private readonly KaffediemServer _server = KaffediemServer.Start();
    private readonly RestClient _client;

    public FormPartTests() => _client = _server.CreateClient();

    // RFC 7578 §4.2: a file name is not required. Flutter's fromBytes, form-data with a buffer, and curl's "<" send
    // none.
    [Theory]
    [InlineData(Named + "\r\nContent-Type: image/png")]
    [InlineData("Content-Disposition: form-data; name=image\r\ncontent-type: IMAGE/PNG")]
    [InlineData(Named + "\r\nContent-Type: application/octet-stream")]
    [InlineData(Named + "\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary")]
    [InlineData(Named + "; filename=\"\"\r\nContent-Type: image/png")]
    [InlineData(Named)]
    [InlineData(Named + "; filename=\"kopp.png\"")]
    [InlineData(Named + "; filename=kopp.png\r\nContent-Type: image/png")]
    [InlineData(Named + "; filename=\"kopp.png\"\r\nContent-Type: text/plain")]
    [InlineData(Named + "; filename*=UTF-8''bl%C3%A5b%C3%A6r.png\r\nContent-Type: image/png")]
    [InlineData(Named + "; filename=\"x.png\"; filename*=UTF-8''bl%C3%A5b%C3%A6r.png")]
    public async Task Image_is_stored_byte_for_byte_whatever_the_headers_of_its_part(string headers)
    {
        var record = (await SendAsync(Part(headers, Png))).Is(200);

        Assert.Equal(Png, await ReadAsync(record.GetProperty("image").GetString()!));
    }

    [Theory]
    [InlineData("multipart/form-data; boundary=\"B\"")]
    [InlineData("Multipart/Form-Data; charset=utf-8; boundary=B")]
    [InlineData("multipart/form-data; boundary=B; charset=utf-8")]
    public async Task Boundary_may_be_quoted_and_stand_beside_other_parameters(string contentType)
    {
        var record = (await SendAsync(Part(Named + "\r\nContent-Type: image/png", Png), contentType)).Is(200);

        Assert.Equal(Png, await ReadAsync(record.GetProperty("image").GetString()!));
    }

    // Larger than the buffer in memory.
    [Fact]
    public async Task Large_image_without_a_file_name_is_stored_too()
    {
        var file = PngOf(3_000_000);

        var record = (await SendAsync(Part(Named + "\r\nContent-Type: image/png", file))).Is(200);

        Assert.Equal(file, await ReadAsync(record.GetProperty("image").GetString()!));
    }

    [Fact]
    public async Task Image_without_a_file_name_has_the_same_limits()
    {
        const string Headers = Named + "\r\nContent-Type: image/png";

        (await SendAsync(Part(Headers, PngOf((5 * 1024 * 1024) + 1))))
            .Is(422, """{"errors":{"image":["must not be larger than 5 MB"]}}""");
        (await SendAsync(Part(Headers, Text("no image"))))
            .Is(422, """{"errors":{"image":["must be a PNG, JPEG, WebP, AVIF or GIF image"]}}""");
        (await SendAsync(Part(Headers, []))).Is(422, """{"errors":{"image":["is an empty file"]}}""");
        (await SendAsync([.. Part(Headers, Png), .. Part(Headers, Png)]))
            .Is(422, """{"errors":{"image":["must be one file"]}}""");
    }

    [Fact]
    public async Task File_without_a_name_in_another_field_is_refused()
    {
        (await SendAsync(Part("Content-Disposition: form-data; name=\"name\"\r\nContent-Type: image/png", Png)))
            .Is(422, """{"errors":{"name":["cannot be a file"]}}""");
    }

    // Dart and Java send these headers with text, too.
    [Theory]
    [InlineData("\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: binary")]
    [InlineData("\r\nContent-Type: text/plain;charset=UTF-8")]
    [InlineData("\r\nContent-Type: application/json")]
    [InlineData("")]
    public async Task Text_part_with_content_headers_is_text(string headers)
    {
        var part = Part("Content-Disposition: form-data; name=\"name\"" + headers, Encoding.UTF8.GetBytes("Blåbær ☕"));

        Assert.Equal("Blåbær ☕", (await SendAsync(part)).Is(200).GetProperty("name").GetString());
    }

    [Fact]
    public async Task Text_is_read_in_the_charset_of_its_part()
    {
        var part = Part(
            "Content-Disposition: form-data; name=\"name\"\r\nContent-Type: text/plain; charset=iso-8859-1",
            Encoding.Latin1.GetBytes("Blåbær"));

        Assert.Equal("Blåbær", (await SendAsync(part)).Is(200).GetProperty("name").GetString());
    }

    [Fact]
    public async Task Text_that_is_not_UTF_8_is_refused_under_its_fields_name()
    {
        (await SendAsync(Part("Content-Disposition: form-data; name=\"name\"", [(byte)'a', 0xff])))
            .Is(422, """{"errors":{"name":["must be text in UTF-8"]}}""");
    }

    // This is how a browser sends an untouched file input of any name.
    [Theory]
    [InlineData("image")]
    [InlineData("name")]
    public async Task Untouched_file_input_changes_nothing(string field)
    {
        var before = (await _client.GetAsync(Latte)).Text;

        var answer = await SendAsync(Part(
            $"Content-Disposition: form-data; name=\"{field}\"; filename=\"\"\r\nContent-Type: "
                + "application/octet-stream",
            []));

        answer.Is(200, before);
    }

    [Fact]
    public async Task Form_may_send_the_address_of_an_image()
    {
        var record = (await SendAsync(Part(Named, Text("https://cdn.example/kopp.png")))).Is(200);

        Assert.Equal("https://cdn.example/kopp.png", record.GetProperty("image").GetString());
    }

    [Theory]
    [InlineData("Content-Type: image/png")]
    [InlineData("Content-Disposition: form-data")]
    [InlineData("Content-Disposition: attachment; name=\"image\"")]
    [InlineData("Content-Disposition: form-data; name=\"image\"; filename=two words.png")]
    public async Task Part_without_a_well_formed_field_name_returns_400(string headers)
    {
        Assert.Equal(
            "A part of the form has no well-formed Content-Disposition: form-data with a name.",
            Detail((await SendAsync(Part(headers, Png))).Is(400)));
    }

    [Fact]
    public async Task Form_without_a_boundary_or_an_end_returns_400()
    {
        Assert.StartsWith(
            "The Content-Type multipart/form-data needs a boundary",
            Detail((await SendAsync(Part(Named, Png), "multipart/form-data")).Is(400)),
            StringComparison.Ordinal);
        using var content = Content(Part(Named, Png), "multipart/form-data; boundary=B"); // no "--B--"
        Assert.Equal(
            "The form is malformed, or ends too early.",
            Detail((await _client.SendAsync("PATCH", Latte, content)).Is(400)));
    }

    [Fact]
    public async Task Retried_request_with_a_nameless_image_creates_one_item()
    {
        byte[] Body() =>
        [
            .. Part("Content-Disposition: form-data; name=\"name\"", Text("Mokka")),
            .. Part("Content-Disposition: form-data; name=\"price_nok\"", Text("30")),
            .. Part("Content-Disposition: form-data; name=\"category_id\"", Text("1")),
            .. Part(Named + "\r\nContent-Type: image/png", Png),
        ];
        _client.Headers.Add("Idempotency-Key", "nameless");

        var made = (await SendAsync(Body(), method: "POST", path: Items)).Is(201);
        var retried = await SendAsync(Body(), method: "POST", path: Items);

        retried.Is(201, made.GetRawText());
        Assert.Equal("true", retried.Header("Idempotency-Replayed"));
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    private static byte[] Part(string headers, byte[] content) =>
        [.. Encoding.UTF8.GetBytes($"--B\r\n{headers}\r\n\r\n"), .. content, .. "\r\n"u8];

    private static string? Detail(JsonElement refusal) =>
        refusal.GetProperty("errors").GetProperty("detail").GetString();

    private static ByteArrayContent Content(byte[] body, string contentType)
    {
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return content;
    }

    private async Task<RestAnswer> SendAsync(
        byte[] parts,
        string contentType = "multipart/form-data; boundary=B",
        string method = "PATCH",
        string path = Latte)
    {
        using var content = Content([.. parts, .. "--B--\r\n"u8], contentType);
        return await _client.SendAsync(method, path, content);
    }
}
