using System.Text;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Bodies;

/// <summary>The kinds and sizes of bodies that requests may have.</summary>
public sealed class RequestBodyTests : IAsyncDisposable
{
    private const string Categories = "/api/collections/category/records";
    private const string TooLarge = """{"errors":{"detail":"Payload Too Large"}}""";
    private const string Orders = "/api/collections/order/records";
    private const int MaxBytesOfOrder = 256 * 1024;
    private const string NameIsBlank = """{"errors":{"name":["can't be blank"]}}""";

    private readonly KaffediemServer _server = KaffediemServer.Start();
    private readonly RestClient _client;

    public RequestBodyTests() => _client = _server.CreateClient();

    [Theory]
    [InlineData("[]")]
    [InlineData("[{\"name\":\"x\"}]")]
    [InlineData("\"str\"")]
    [InlineData("null")]
    [InlineData("5")]
    [InlineData("")]
    public async Task JSON_that_is_not_an_object_has_no_fields(string body)
    {
        (await _client.PostAsync(Categories, body)).Is(422, NameIsBlank);
        (await _client.PatchAsync(Categories + "/1", body)).Is(200);
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("APPLICATION/JSON")]
    [InlineData("application/vnd.api+json")]
    public async Task JSON_is_recognized_by_its_media_type(string contentType)
    {
        (await SendAsync(contentType, "{\"name\":\"x\"}"u8.ToArray())).Is(201);
    }

    [Fact]
    public async Task Escaped_surrogate_pair_is_one_character()
    {
        var record = (await _client.PostAsync(Categories, "{\"name\":\"\\ud83d\\ude00 a\\u0000b\"}")).Is(201);

        Assert.Equal("😀 a\0b", record.GetProperty("name").GetString());
    }

    [Fact]
    public async Task Urlencoded_form_has_text_fields()
    {
        var body = "name=Url+enc%C3%A5&sort_order=4&enable=true"u8.ToArray();

        var answer = await SendAsync("application/x-www-form-urlencoded", body);

        var record = answer.Is(201);
        Assert.Equal("Url encå", record.GetProperty("name").GetString());
        Assert.Equal(4, record.GetProperty("sort_order").GetInt64());
        Assert.True(record.GetProperty("enable").GetBoolean());
    }

    [Fact]
    public async Task Multipart_form_has_text_fields()
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent("Mokka ☕"), "name" },
            { new StringContent("30"), "price_nok" },
            { new StringContent("1"), "category_id" },
            { new StringContent("true"), "enable" },
            { new StringContent("20"), "sort_order" },
        };

        var record = (await _client.SendAsync("POST", "/api/collections/item/records", form)).Is(201);

        Assert.Equal("Mokka ☕", record.GetProperty("name").GetString());
        Assert.Equal(30, record.GetProperty("price_nok").GetInt32());
        Assert.True(record.GetProperty("enable").GetBoolean());
    }

    [Fact]
    public async Task Urlencoded_form_that_is_not_UTF_8_returns_400()
    {
        (await SendAsync("application/x-www-form-urlencoded", [.. "name=a"u8, 0xff]))
            .Is(400, """{"errors":{"detail":"The form is not UTF-8."}}""");
    }

    [Fact]
    public async Task Large_body_is_read_whole()
    {
        var body = $$"""{"subtitle":"{{new string('x', 5_000_000)}}"}""";

        var answer = await _client.PostAsync("/api/collections/message/records", body);

        Assert.Equal(5_000_000, answer.Is(201).GetProperty("subtitle").GetString()!.Length);
    }

    // Clients other than administrators may place orders, so the length of an order has a stricter limit.
    [Fact]
    public async Task Body_of_an_order_may_have_256_KB()
    {
        var order = """{"items":[{"item":1}]}""";

        (await _client.PostAsync(Orders, order.PadRight(MaxBytesOfOrder))).Is(201);
        (await _client.PostAsync(Orders, order.PadRight(MaxBytesOfOrder + 1))).Is(413, TooLarge);
    }

    [Fact]
    public async Task Long_body_of_a_sign_in_is_refused()
    {
        var body = """{"email":"admin@kaffediem.test","password":"kaffediem"}""";

        (await _client.PostAsync("/api/session", body.PadRight(MaxBytesOfOrder + 1))).Is(413, TooLarge);
    }

    [Theory]
    [InlineData("application/json", "{")]
    [InlineData("application/x-www-form-urlencoded", "a=")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n")]
    public async Task Chunked_body_over_the_limit_is_refused(string contentType, string start)
    {
        var body = Encoding.ASCII.GetBytes(start.PadRight(MaxBytesOfOrder + 1));
        using var content = new StreamContent(new UnseekableStream(body));
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);

        (await _client.SendAsync("POST", Orders, content)).Is(413, TooLarge);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    public async Task Client_that_leaves_mid_body_causes_no_error_in_the_log(string contentType)
    {
        await RawRequest.BreakOffAsync(_server.BaseAddress, "POST " + Orders, "Content-Type: " + contentType);

        await _server.StopAsync(); // verifies the log
    }

    [Fact]
    public async Task Body_over_the_limit_is_refused_in_JSON()
    {
        _client.Headers.ExpectContinue = true;
        _client.Headers.Add("Origin", "http://localhost:5173");

        var answer = await _client.PostAsync(Categories, $$"""{"name":"{{new string('x', 8_000_000)}}"}""");

        answer.Is(413, TooLarge);
        Assert.Equal("http://localhost:5173", answer.Header("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Elements_of_too_long_a_list_are_not_validated()
    {
        var lines = string.Join(',', Enumerable.Repeat("{}", 50_000));

        (await _client.PostAsync(Orders, $$"""{"items":[{{lines}}]}"""))
            .Is(422, """{"errors":{"items":["should have at most 1000 item(s)"]}}""");
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    private async Task<RestAnswer> SendAsync(string? contentType, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        if (contentType is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        return await _client.SendAsync("POST", Categories, content);
    }
}
