using Kaffediem.IntegrationTests.Images;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Records;

/// <summary><c>If-Match</c>: a client does not overwrite a change it has not seen (RFC 9110 §13.1.1).</summary>
public sealed class IfMatchTests : IAsyncDisposable
{
    private const string Record = "/api/collections/order/records/1";
    private const string Failed = """{"errors":{"detail":"Precondition Failed"}}""";

    private readonly KaffediemServer _server = KaffediemServer.Start();
    private readonly RestClient _client;

    public IfMatchTests() => _client = _server.CreateClient();

    [Theory]
    [InlineData("category", """{"name":"Annet"}""")]
    [InlineData("item", """{"name":"Annet"}""")]
    [InlineData("customization_key", """{"name":"Annet"}""")]
    [InlineData("customization_value", """{"name":"Annet"}""")]
    [InlineData("message", """{"title":"Annet"}""")]
    [InlineData("status", """{"open":true,"show_message":true}""")]
    [InlineData("order", """{"state":"dispatched","missing_information":true}""")]
    public async Task Write_with_a_stale_tag_is_refused(string collection, string change)
    {
        var path = $"/api/collections/{collection}/records/1";
        var seen = (await _client.GetAsync(path)).Header("ETag")!;
        var changed = await SendAsync("PATCH", path, change, seen);
        changed.Is(200);
        var seq = LastSeq();

        (await SendAsync("PATCH", path, "{}", seen)).Is(412, Failed);
        (await SendAsync("PUT", path, change, seen)).Is(412, Failed);
        (await SendAsync("DELETE", path, null, seen)).Is(412, Failed);

        Assert.Equal(seq, LastSeq());
        Assert.Equal(changed.Text, (await _client.GetAsync(path)).Text);
        (await SendAsync("PATCH", path, "{}", changed.Header("ETag")!)).Is(200);
    }

    // The image's address is stored without the server's name and served with it.
    [Fact]
    public async Task Item_with_an_image_is_changed_only_with_a_current_tag()
    {
        const string Item = ImageFiles.Items + "/1";
        await ImageFiles.UploadAsync(_client, ImageFiles.Png);
        var seen = (await _client.GetAsync(Item)).Header("ETag")!;

        var changed = await SendAsync("PATCH", Item, """{"sort_order":71}""", seen);
        changed.Is(200);
        (await SendAsync("PATCH", Item, """{"sort_order":72}""", seen)).Is(412, Failed);
        (await SendAsync("DELETE", Item, null, seen)).Is(412, Failed);

        Assert.Equal(changed.Header("ETag"), (await _client.GetAsync(Item)).Header("ETag"));
        (await SendAsync("PATCH", Item, """{"sort_order":72}""", changed.Header("ETag")!)).Is(200);
    }

    [Fact]
    public async Task Record_is_deleted_with_its_current_tag()
    {
        var seen = (await _client.GetAsync(Record)).Header("ETag")!;

        (await SendAsync("DELETE", Record, null, seen)).Is(204);
    }

    [Fact]
    public async Task Exactly_one_of_several_writes_with_the_same_tag_succeeds()
    {
        var seen = (await _client.GetAsync(Record)).Header("ETag")!;

        var answers = await Task.WhenAll(Enumerable.Range(1001, 20).Select(
            customer => SendAsync("PATCH", Record, $$"""{"customer_id":{{customer}}}""", seen)));

        Assert.Single(answers, answer => answer.Status == 200);
        Assert.Equal(19, answers.Count(answer => answer.Status == 412));
        Assert.Equal(answers.Single(answer => answer.Status == 200).Text, (await _client.GetAsync(Record)).Text);
    }

    [Theory]
    [InlineData("*", 200)]
    [InlineData("\"x\", {0}", 200)]
    [InlineData("W/{0}", 200)]
    [InlineData("W/\"x\", W/{0}", 200)]
    [InlineData("W/\"x\"", 412)]
    [InlineData("\"x\"", 412)]
    [InlineData("\"\"", 412)]
    [InlineData("x", 400)]
    [InlineData("{0}, x", 400)]
    public async Task Any_of_several_tags_may_match_even_one_that_a_proxy_made_weak(string header, int status)
    {
        var seen = (await _client.GetAsync(Record)).Header("ETag")!;

        (await SendAsync("PATCH", Record, """{"state":"completed"}""", string.Format(null, header, seen))).Is(status);
    }

    // mod_deflate and mod_brotli add a suffix to the tags of compressed answers; nginx makes tags weak.
    [Theory]
    [InlineData("{0}")]
    [InlineData("W/{0}")]
    [InlineData("{0}-gzip")]
    [InlineData("{0}-br")]
    [InlineData("W/{0}-gzip")]
    public async Task Tag_modified_by_a_proxy_matches(string form)
    {
        foreach (var path in new[] { Record, "/api/collections/order/records", "/openapi/v1.json" })
        {
            var seen = (await _client.GetAsync(path)).Header("ETag")!;
            var tag = form.Replace("{0}", seen[..^1], StringComparison.Ordinal) + '"';

            (await _client.SendAsync("GET", path, json: null, ("If-None-Match", tag))).Is(304);
            if (path == Record)
            {
                (await SendAsync("PATCH", path, "{}", tag)).Is(200);
            }
        }
    }

    [Fact]
    public async Task Record_with_an_image_read_under_one_host_may_be_written_under_another()
    {
        const string path = ImageFiles.Items + "/1";
        await ImageFiles.UploadAsync(_client, ImageFiles.Png);
        using var other = _server.CreateClient();
        other.Headers.Host = "other.example";
        var seen = (await _client.GetAsync(path)).Header("ETag")!;
        var seenByOther = (await other.GetAsync(path)).Header("ETag")!;

        var changed = await other.SendAsync("PATCH", path, """{"sort_order":77}""", ("If-Match", seen));
        changed.Is(200);
        (await SendAsync("PATCH", path, """{"sort_order":78}""", seenByOther)).Is(412, Failed);
        (await SendAsync("PATCH", path, """{"sort_order":79}""", changed.Header("ETag")!)).Is(200);
    }

    // The bytes differ between hosts, so the tag of one host must not match an answer under another.
    [Theory]
    [InlineData(ImageFiles.Items)]
    [InlineData(ImageFiles.Items + "/1")]
    public async Task Representations_under_different_hosts_have_different_tags(string path)
    {
        await ImageFiles.UploadAsync(_client, ImageFiles.Png);
        using var other = _server.CreateClient();
        other.Headers.Host = "other.example";
        var seen = (await _client.GetAsync(path)).Header("ETag")!;
        await other.GetAsync(path);

        (await _client.SendAsync("GET", path, json: null, ("If-None-Match", seen))).Is(304);
        var answer = await other.SendAsync("GET", path, json: null, ("If-None-Match", seen));

        answer.Is(200);
        Assert.Contains("\"http://other.example/uploads/", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Malformed_condition_returns_400()
    {
        (await SendAsync("DELETE", Record, null, "7")).Is(
            400, """{"errors":{"If-Match":["must be * or entity tags in double quotes, separated by commas"]}}""");
    }

    [Theory]
    [InlineData("*")]
    [InlineData("\"x\"")]
    public async Task Missing_record_returns_404(string condition)
    {
        (await SendAsync("PATCH", Record + "000", "{}", condition)).Is(404);
        (await SendAsync("DELETE", Record + "000", null, condition)).Is(404);
    }

    [Fact]
    public async Task Last_write_wins_without_a_condition()
    {
        foreach (var state in new[] { "production", "completed" })
        {
            (await _client.PatchAsync(Record, $$"""{"state":"{{state}}"}""")).Is(200);
        }
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    private Task<RestAnswer> SendAsync(string method, string path, string? body, string condition) =>
        _client.SendAsync(method, path, body, ("If-Match", condition));

    private long LastSeq() => _server.Services.GetRequiredService<Database>().LastSeq;
}
