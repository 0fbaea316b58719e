using System.IO.Compression;
using System.Text;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Bodies;

/// <summary>Bodies that are neither JSON nor a form, or whose headers say so.</summary>
public sealed class BodyTypeTests : IAsyncDisposable
{
    private const string Messages = "/api/collections/message/records";
    private const string Title = """{"title":"Stengt"}""";
    private const string Types = "application/json, application/x-www-form-urlencoded, multipart/form-data";

    private readonly KaffediemServer _server = KaffediemServer.Start();
    private readonly RestClient _client;

    public BodyTypeTests() => _client = _server.CreateClient();

    [Theory]
    [InlineData("text/plain", Title)]
    [InlineData("text/plain;charset=UTF-8", Title)]
    [InlineData("application/xml", "<message><title>Stengt</title></message>")]
    [InlineData("application/octet-stream", Title)]
    [InlineData("application/jsonp", Title)]
    [InlineData("text/json5", Title)]
    [InlineData("multipart/mixed; boundary=B", "--B--")]
    [InlineData("multipart/form-data; boundary=a=b", "--a=b--")]
    [InlineData("garbage", Title)]
    [InlineData("application/json, application/json", Title)]
    [InlineData("", Title)]
    [InlineData(null, Title)]
    public async Task Body_of_another_type_is_refused_and_nothing_is_created(string? contentType, string body)
    {
        var before = (await _client.GetAsync(Messages)).Text;

        const string Message = Messages + "/1";
        foreach (var (method, path) in new[] { ("POST", Messages), ("PATCH", Message), ("PUT", Message) })
        {
            var answer = await SendAsync(method, path, Encoding.UTF8.GetBytes(body), ("Content-Type", contentType));

            answer.Is(415, $$$"""
                {"errors":{"detail":"The body has an unsupported Content-Type, or none; supported are {{{Types}}}."}}
                """);
            Assert.Equal(Types, answer.Header("Accept")); // RFC 9110 §15.5.16
            Assert.Equal(method == "PATCH" ? Types : null, answer.Header("Accept-Patch")); // RFC 5789 §2.2
        }

        Assert.Equal(before, (await _client.GetAsync(Messages)).Text);
    }

    [Fact]
    public async Task Sign_in_of_another_type_is_refused_too()
    {
        var body = """{"email":"admin@kaffediem.test","password":"kaffediem"}"""u8.ToArray();

        (await SendAsync("POST", "/api/session", body, ("Content-Type", "text/plain"))).Is(415);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/json")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=B")]
    [InlineData("multipart/form-data")]
    public async Task Content_type_without_a_body_is_ignored(string? contentType)
    {
        (await SendAsync("PATCH", Messages + "/1", [], ("Content-Type", contentType))).Is(200);
        (await SendAsync("POST", "/api/collections/category/records", [], ("Content-Type", contentType)))
            .Is(422, """{"errors":{"name":["can't be blank"]}}""");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate, gzip")]
    [InlineData("x-unknown")]
    public async Task Compressed_body_is_refused_and_the_answer_names_the_accepted_coding(string coding)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(Title));
        }

        var answer = await SendAsync(
            "POST", Messages, compressed.ToArray(), ("Content-Type", "application/json"), ("Content-Encoding", coding));

        answer.Is(415, """{"errors":{"detail":"The body must be sent without a Content-Encoding."}}""");
        Assert.Equal("identity", answer.Header("Accept-Encoding")); // RFC 9110 §15.5.16
        Assert.Null(answer.Header("Accept"));
    }

    [Fact]
    public async Task Coding_identity_is_accepted()
    {
        (await SendAsync(
            "POST", Messages, Encoding.UTF8.GetBytes(Title),
            ("Content-Type", "application/json"), ("Content-Encoding", "identity"))).Is(201);
    }

    // RFC 8259 §11: a charset has no effect on JSON.
    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json; charset=iso-8859-1")]
    [InlineData("application/problem+json")]
    [InlineData("application/merge-patch+json")]
    public async Task JSON_is_accepted_under_every_JSON_media_type_and_charset(string contentType)
    {
        var body = Encoding.UTF8.GetBytes("""{"title":"Åpent"}""");

        var record = (await SendAsync("POST", Messages, body, ("Content-Type", contentType))).Is(201);

        Assert.Equal("Åpent", record.GetProperty("title").GetString());
    }

    // "curl -d" without -H. The last body is also longer than the name of a form's field may be.
    [Theory]
    [InlineData("{\"items\":[{\"item\":1}]}")]
    [InlineData("\r\n [{\"item\":1}]")]
    [InlineData("{\"a=b&c\":1}")]
    [InlineData(null)]
    public async Task JSON_sent_as_a_form_is_refused_with_the_right_type(string? body)
    {
        body ??= "{" + new string(' ', 5000) + "}";

        var answer = await SendAsync(
            "POST", "/api/collections/order/records", Encoding.UTF8.GetBytes(body),
            ("Content-Type", "application/x-www-form-urlencoded"));

        answer.Is(415, """
            {"errors":{"detail":
              "The body looks like JSON, but its Content-Type is that of a form; send it with Content-Type: application/json."}}
            """);
    }

    [Fact]
    public async Task Form_whose_text_begins_like_JSON_is_a_form()
    {
        var body = Encoding.UTF8.GetBytes("title=%7B%7D&subtitle={}");

        var record = (await SendAsync(
            "POST", Messages, body, ("Content-Type", "application/x-www-form-urlencoded"))).Is(201);

        Assert.Equal("{}", record.GetProperty("title").GetString());
        Assert.Equal("{}", record.GetProperty("subtitle").GetString());
    }

    [Fact]
    public async Task Connection_serves_the_next_request_after_a_refusal()
    {
        (await SendAsync("POST", Messages, new byte[500_000], ("Content-Type", "text/plain"))).Is(415);

        (await _client.PostAsync(Messages, Title)).Is(201);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    private async Task<RestAnswer> SendAsync(
        string method, string path, byte[] body, params (string Name, string? Value)[] headers)
    {
        using var content = new ByteArrayContent(body);
        foreach (var (name, value) in headers.Where(header => header.Value is not null))
        {
            content.Headers.TryAddWithoutValidation(name, value);
        }

        return await _client.SendAsync(method, path, content);
    }
}
