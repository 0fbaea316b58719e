using System.Text.Json;
using Kaffediem.IntegrationTests.Support;
using Microsoft.Data.Sqlite;
using static Kaffediem.IntegrationTests.Images.ImageFiles;

namespace Kaffediem.IntegrationTests.Images;

/// <summary>
/// Addresses of images: as shown, as sent back, and as stored in the column (docs/rest.md, "Images").
/// </summary>
public sealed class ImageAddressTests : IAsyncDisposable
{
    private const string Item1 = Items + "/1";
    private const string NoSuchName = "0123456789abcdef0123456789abcdef.png";

    private readonly KaffediemServer _server = KaffediemServer.Start();
    private readonly RestClient _client;

    public ImageAddressTests() => _client = _server.CreateClient();

    [Fact]
    public async Task Same_address_sent_back_changes_nothing_and_is_not_broadcast()
    {
        var url = await UploadAsync(_client, Png);
        var record = (await _client.GetAsync(Item1)).Is(200);
        var seq = await SeqAsync();

        var answer = await _client.PatchAsync(Item1, record.GetRawText());

        answer.Is(200, record.GetRawText());
        Assert.Equal(seq, await SeqAsync());
        Assert.Equal(new Uri(url).AbsolutePath, Column(1));
    }

    [Fact]
    public async Task Same_file_uploaded_again_changes_nothing_and_is_not_broadcast()
    {
        var url = await UploadAsync(_client, Png);
        var seq = await SeqAsync();

        Assert.Equal(url, await UploadAsync(_client, Png));
        Assert.Equal(seq, await SeqAsync());
        Assert.Single(Stored(_server));
    }

    [Fact]
    public async Task Different_file_has_a_different_address()
    {
        var first = await UploadAsync(_client, Png);
        var second = await UploadAsync(_client, Gif);

        Assert.NotEqual(first, second);
        Assert.Equal(Gif, await ReadAsync(second));
    }

    [Fact]
    public async Task Every_answer_has_the_absolute_address()
    {
        var url = await UploadAsync(_client, Png);
        var items = (await _client.GetAsync(Items)).Items;

        Assert.StartsWith(_server.BaseAddress.ToString(), url, StringComparison.Ordinal);
        Assert.Equal(url, Image((await _client.GetAsync(Item1)).Json));
        Assert.Equal(url, Image(items.Single(item => item.GetProperty("id").GetInt64() == 1)));
        Assert.Equal(url, Image((await _client.PatchAsync(Item1, """{"sort_order":5}""")).Json));
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("null")]
    [InlineData("\"  \"")]
    public async Task Empty_value_removes_the_image(string empty)
    {
        await UploadAsync(_client, Png);

        var record = (await _client.PatchAsync(Item1, $$"""{"image":{{empty}}}""")).Is(200);

        Assert.Null(Image(record));
        Assert.Null(Column(1));
    }

    [Fact]
    public async Task Change_of_other_fields_keeps_the_image()
    {
        var url = await UploadAsync(_client, Png);

        using var form = Fields("Latte 2");
        var record = (await _client.SendAsync("PATCH", Item1, form)).Is(200);

        Assert.Equal("Latte 2", record.GetProperty("name").GetString());
        Assert.Equal(url, Image(record));
    }

    [Theory]
    [InlineData("https://bilder.example/latte.jpg")]
    [InlineData("https://bilder.example/uploads/0123456789abcdef0123456789abcdef.png")]
    [InlineData("HTTP://bilder.example/blåbær kake.jpg?størrelse=2#x")]
    public async Task Address_of_another_site_is_kept(string address)
    {
        var body = $$"""{"name":"Mokka","price_nok":30,"category_id":1,"image":"{{address}}"}""";

        var created = (await _client.PostAsync(Items, body)).Is(201);
        var changed = (await _client.PatchAsync(Item1, $$"""{"image":"{{address}}"}""")).Is(200);

        Assert.Equal(address, Image(created));
        Assert.Equal(address, Image(changed));
        Assert.Equal(address, Column(1));
    }

    [Theory]
    [MemberData(nameof(NotWebAddresses))]
    public async Task Other_text_than_a_web_address_is_refused(string address)
    {
        const string Refusal = """{"errors":{"image":["must be an absolute http or https URL"]}}""";
        var item = (await _client.GetAsync(Item1)).Is(200).GetRawText();
        var body = $$"""{"name":"Mokka","price_nok":30,"category_id":1,"image":"{{address}}"}""";

        (await _client.PostAsync(Items, body)).Is(422, Refusal);
        (await _client.PatchAsync(Item1, $$"""{"name":"Ny","image":"{{address}}"}""")).Is(422, Refusal);

        (await _client.GetAsync(Item1)).Is(200, item);
    }

    /// <summary>The front end sends all fields of an item back, including any text that Kaffebase accepted.</summary>
    [Theory]
    [MemberData(nameof(NotWebAddresses))]
    public async Task Other_text_that_Kaffebase_stored_can_be_sent_back(string address)
    {
        SqliteFile.Query<int>(_server.DatabasePath, $"UPDATE item SET image = '{address}' WHERE id = 1");
        var url = Image((await _client.GetAsync(Item1)).Is(200));

        var item = (await _client.PatchAsync(Item1, $$"""{"name":"Ny","image":"{{url}}"}""")).Is(200);

        Assert.Equal((address, "Ny"), (Image(item), item.GetProperty("name").GetString()));
        Assert.Equal(address, Column(1));
    }

    public static TheoryData<string> NotWebAddresses() =>
    [
        "javascript:alert(1)", " javascript:alert(1)", "data:image/gif;base64,R0lGODlhAQABAAAAACw=", "latte.png",
        "/images/latte.jpg", "/uploads/latte.jpg", "/uploads/../kaffediem.db", "//bilder.example/a.png",
        "file:///etc/passwd", "ftp://bilder.example/a.png", "https:latte.png", "https://",
        " https://bilder.example/a.png",
    ];

    [Fact]
    public async Task Address_in_a_database_of_Kaffebase_keeps_working()
    {
        var before = (await _client.GetAsync(Items + "/2")).Is(200);

        (await _client.PatchAsync(Items + "/2", before.GetRawText())).Is(200, before.GetRawText());

        Assert.Equal("https://bilder.example/cortado.jpg", Column(2));
    }

    [Fact]
    public async Task Address_on_another_site_keeps_its_host_even_with_the_name_of_a_stored_image()
    {
        var name = new Uri(await UploadAsync(_client, Png)).AbsolutePath;

        await _client.PatchAsync(Items + "/2", $$"""{"image":"https://bilder.example{{name}}"}""");

        Assert.Equal("https://bilder.example" + name, Column(2));
    }

    [Theory]
    [InlineData("https://api.old.example")]
    [InlineData("http://localhost:4000")]
    [InlineData("https://shop.example/kaffe")]
    public async Task Own_image_sent_back_under_any_host_is_unchanged(string host)
    {
        var url = await UploadAsync(_client, Png);
        var seq = await SeqAsync();

        var record = (await _client.PatchAsync(
            Item1, $$"""{"image":"{{host}}{{new Uri(url).AbsolutePath}}"}""")).Is(200);

        Assert.Equal(url, Image(record));
        Assert.Equal(seq, await SeqAsync());
    }

    [Theory]
    [InlineData("/uploads/")]
    [InlineData("{base}uploads/")]
    public async Task Uploaded_image_can_be_given_to_another_item(string prefix)
    {
        var url = await UploadAsync(_client, Png);
        var address = prefix.Replace("{base}", _server.BaseAddress.ToString()) + url.Split('/')[^1];
        var body = $$"""{"name":"Mokka","price_nok":30,"category_id":1,"image":"{{address}}"}""";

        Assert.Equal(url, Image((await _client.PostAsync(Items, body)).Is(201)));
        Assert.Equal(url, Image((await _client.PatchAsync(Items + "/3", $$"""{"image":"{{address}}"}""")).Is(200)));
        Assert.Equal(new Uri(url).AbsolutePath, Column(3));
    }

    [Theory]
    [InlineData("/uploads/")]
    [InlineData("{base}uploads/")]
    public async Task Address_of_an_image_that_is_not_stored_is_refused(string prefix)
    {
        var address = prefix.Replace("{base}", _server.BaseAddress.ToString()) + NoSuchName;

        var answer = await _client.PatchAsync(Item1, $$"""{"image":"{{address}}"}""");

        answer.Is(422, """{"errors":{"image":["is no longer stored here: upload it again"]}}""");
    }

    /// <summary>A backup may have been restored without its images. The item can still be changed.</summary>
    [Fact]
    public async Task Own_image_that_is_lost_is_unchanged()
    {
        var url = await UploadAsync(_client, Png);
        Directory.Delete(Folder(_server), recursive: true);

        var record = (await _client.PatchAsync(Item1, $$"""{"image":"{{url}}","sort_order":77}""")).Is(200);

        Assert.Equal(url, Image(record));
        Assert.Equal(77, record.GetProperty("sort_order").GetInt64());
    }

    [Theory]
    [InlineData("https://api.shop.example", "https://api.shop.example/uploads/")]
    [InlineData("https://shop.example/kaffe/", "https://shop.example/kaffe/uploads/")]
    public async Task Public_address_wins_over_the_requests(string publicUrl, string expected)
    {
        await using var server = KaffediemServer.Start(new ServerSetup { Settings = { ["PublicUrl"] = publicUrl } });
        using var client = server.CreateClient();

        var url = await UploadAsync(client, Png);
        var name = url.Split('/')[^1];
        await client.PatchAsync(Items + "/2", $$"""{"image":"{{url}}"}""");
        await client.PatchAsync(Items + "/3", $$"""{"image":"{{server.BaseAddress}}uploads/{{name}}"}""");

        Assert.Equal(expected + name, url);
        Assert.Equal("/uploads/" + name, Column(2, server));
        Assert.Equal("/uploads/" + name, Column(3, server));
    }

    [Theory]
    [InlineData("api.shop.example")]
    [InlineData("/kaffe")]
    [InlineData("ftp://shop.example")]
    [InlineData("https://shop.example/?x")]
    [InlineData("https://shop.example/#x")]
    public void Malformed_public_address_stops_the_start(string publicUrl)
    {
        var options = new Server.Images.ImageOptions { PublicUrl = publicUrl };

        var result = new Server.Images.ImageOptionsValidator().Validate("Images", options);

        Assert.Contains($"PublicUrl: '{publicUrl}' is not an address", result.FailureMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Images_survive_a_restart_and_a_move()
    {
        var path = new Uri(await UploadAsync(_client, Png)).AbsolutePath;
        await _server.StopAsync();

        var setup = new ServerSetup
        {
            DatabasePath = _server.DatabasePath,
            Settings = { ["PublicUrl"] = "https://new.example" },
        };
        await using var server = KaffediemServer.Start(setup);
        using var client = server.CreateClient();

        Assert.Equal("https://new.example" + path, Image((await client.GetAsync(Item1)).Is(200)));
        Assert.Equal(Png, await ReadAsync(new Uri(server.BaseAddress, path).ToString()));
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    private static string? Image(JsonElement record) => record.GetProperty("image").GetString();

    private async Task<long> SeqAsync() => (await _client.GetAsync("/health")).Is(200).GetProperty("seq").GetInt64();

    private string? Column(long id) => Column(id, _server);

    private static string? Column(long id, KaffediemServer server)
    {
        using var connection = new SqliteConnection($"Data Source={server.DatabasePath};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT image FROM item WHERE id = @id";
        command.Parameters.AddWithValue("@id", id);
        return command.ExecuteScalar() as string;
    }
}
