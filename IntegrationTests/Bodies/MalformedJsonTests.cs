using System.Text;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Bodies;

/// <summary>The answer to malformed JSON names the fault and its position, and quotes nothing of the body.</summary>
public sealed class MalformedJsonTests : IAsyncDisposable
{
    private const string Categories = "/api/collections/category/records";

    private readonly KaffediemServer _server = KaffediemServer.Start();
    private readonly RestClient _client;

    public MalformedJsonTests() => _client = _server.CreateClient();

    [Theory]
    [InlineData("{\"name\":", "line 1, byte 9")]
    [InlineData("{bad", "line 1, byte 2")]
    [InlineData("{\"name\":\"x\"} x", "line 1, byte 14")]
    [InlineData("{\"name\":\"x\",}", "line 1, byte 13")]
    [InlineData("{\"name\":\"x\",\"sort_order\":NaN}", "line 1, byte 26")]
    [InlineData("{'name':'x'}", "line 1, byte 2")]
    [InlineData("{\n  \"name\": \"x\",\n  \"enable\": tru\n}", "line 3, byte 16")]
    [InlineData("{\r\n\"å\": \"x\" \"y\"}", "line 2, byte 11")]
    [InlineData("{\"name\":\"a\nb\"}", "line 1, byte 11")]
    [InlineData("{\"name\":\"\\x\"}", "line 1, byte 11")]
    [InlineData("\n\n", "line 3, byte 1")]
    public async Task Syntax_error_is_located(string body, string position)
    {
        await RefusesAsync(Encoding.UTF8.GetBytes(body), $"The body is not valid JSON: {position}.");
    }

    [Fact]
    public async Task Byte_order_mark_is_named()
    {
        await RefusesAsync(
            [.. Encoding.UTF8.Preamble, .. "{\"name\":\"x\"}"u8],
            "The body begins with a byte order mark, which JSON must not: line 1, byte 1.");
    }

    [Fact]
    public async Task Bytes_that_are_not_UTF_8_are_located()
    {
        await RefusesAsync(
            [.. "{\n\"name\":\"é"u8, 0xff, .. "\"}"u8], "The body is not UTF-8: line 2, byte 11.");
        await RefusesAsync([.. "{\"name\":\""u8, 0xc3], "The body is not UTF-8: line 1, byte 10."); // half a character
    }

    [Theory]
    [InlineData("{\"name\":\"\\ud800\"}", "line 1, byte 9")]
    [InlineData("{\"name\":\"x\",\n\"unused\":\"\\udc00\"}", "line 2, byte 10")]
    [InlineData("{\"na\\ud800me\":\"x\"}", "line 1, byte 2")]
    public async Task Half_a_surrogate_pair_is_located(string body, string position)
    {
        await RefusesAsync(
            Encoding.UTF8.GetBytes(body), $"The body has half a surrogate pair in the text that begins at {position}.");
    }

    [Fact]
    public async Task Too_deep_nesting_is_located()
    {
        string Nested(int depth) => string.Concat(Enumerable.Repeat("[", depth))
            + string.Concat(Enumerable.Repeat("]", depth));

        (await _client.PostAsync(Categories, Nested(64))).Is(422);
        await RefusesAsync(
            Encoding.UTF8.GetBytes("\n" + Nested(65)), "The body is nested more than 64 levels deep: line 2, byte 65.");
        await RefusesAsync(
            Encoding.UTF8.GetBytes(new string('[', 200_000)),
            "The body is nested more than 64 levels deep: line 1, byte 65.");
    }

    // RFC 8259 §4 leaves this open; Kaffebase uses the first, too.
    [Fact]
    public async Task First_of_two_members_with_the_same_name_counts()
    {
        var record = (await _client.PostAsync(Categories, """{"name":"first","name":"second"}""")).Is(201);

        Assert.Equal("first", record.GetProperty("name").GetString());
    }

    [Fact]
    public async Task Malformed_sign_in_gets_the_same_answer()
    {
        (await _client.PostAsync("/api/session", "{\"email\":\"admin@kaffediem.test\", password}"))
            .Is(400, """{"errors":{"detail":"The body is not valid JSON: line 1, byte 34."}}""");
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    private async Task RefusesAsync(byte[] body, string detail)
    {
        foreach (var (method, path) in new[] { ("POST", Categories), ("PATCH", Categories + "/1") })
        {
            using var content = new ByteArrayContent(body);
            content.Headers.TryAddWithoutValidation("Content-Type", "application/json");

            (await _client.SendAsync(method, path, content)).Is(400, $$$"""{"errors":{"detail":"{{{detail}}}"}}""");
        }
    }
}
