using System.Runtime.Versioning;
using Kaffediem.IntegrationTests.Reliability;
using Kaffediem.IntegrationTests.Reliability.Disk;
using Kaffediem.IntegrationTests.Support;
using static Kaffediem.IntegrationTests.Images.ImageFiles;

namespace Kaffediem.IntegrationTests.Images;

/// <summary>
/// Uploads that the server cannot store: 503 and one line in the log, as for a database on a full disk. The client is
/// not at fault, so the answer is not a 400.
/// </summary>
[Experiment("Disk")]
[SupportedOSPlatform("linux")]
public sealed class UploadFaultTests : IDisposable
{
    // Above 64 KB the framework buffers a form's file in the temporary folder.
    private const int Large = 300_000;

    private const string OwnTemporaryFolder = """export TMPDIR="$PWD/temporary"; """;

    private readonly ShopFolder _shop = ShopFolder.WithSample();

    private string Temporary => _shop.PathOf("temporary");

    [Fact]
    public async Task Missing_temporary_folder_is_503_and_one_line_until_it_exists()
    {
        using var server = await _shop.ServeAsync(OwnTemporaryFolder + ServerProcess.AsItIs);

        await AssertFailsAndRecoversAsync(server, () => Directory.CreateDirectory(Temporary));
    }

    [Fact]
    public async Task Temporary_folder_that_is_deleted_while_the_server_runs_is_503()
    {
        Directory.CreateDirectory(Temporary);
        using var server = await _shop.ServeAsync(OwnTemporaryFolder + ServerProcess.AsItIs);
        using var client = server.CreateClient();
        (await UploadAsync(client, Large)).Is(200);
        Directory.Delete(Temporary, recursive: true);

        await AssertFailsAndRecoversAsync(server, () => Directory.CreateDirectory(Temporary));
    }

    [Fact]
    public async Task Read_only_temporary_folder_is_503()
    {
        Directory.CreateDirectory(Temporary, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using var server = await _shop.ServeAsync(OwnTemporaryFolder + ServerProcess.BoundByRights);

        await AssertFailsAndRecoversAsync(server, () => File.SetUnixFileMode(
            Temporary, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    [Fact]
    public async Task Read_only_folder_for_images_is_503()
    {
        var folder = Directory.CreateDirectory(
            _shop.Database + "-uploads", UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using var server = await _shop.ServeAsync(ServerProcess.BoundByRights);

        await AssertFailsAndRecoversAsync(server, () => File.SetUnixFileMode(
            folder.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    [Fact]
    public async Task Full_temporary_folder_fails_uploads_but_not_the_database()
    {
        var disk = Directory.CreateDirectory(_shop.PathOf("disk")).FullName;
        var shell = await SmallDisk.ShellAsync(
            "tmpfs", """export TMPDIR="$PWD"; dd if=/dev/zero of="$PWD/rest" 2>/dev/null; true""");
        using var server = await ServerProcess.StartAsync(
            Path.Combine(disk, "shop.db"), shell, $"--Database:Path={_shop.Database}");
        using var client = server.CreateClient();
        // SQLite would put the journal of a statement of 200 KB into the temporary folder.
        var large = $$"""{"title":"Open","subtitle":"{{new string('x', 200_000)}}"}""";
        (await client.PostAsync("/api/collections/message/records", large)).Is(201);

        await AssertFailsAndRecoversAsync(
            server, () => File.Delete(SmallDisk.PathOf(server, Path.Combine(disk, "rest"))));
    }

    [Fact]
    public async Task Form_that_ends_too_early_is_still_the_clients_fault()
    {
        using var server = await _shop.ServeAsync();
        using var client = server.CreateClient();
        var head = "--B\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n"u8;
        using var body = Part([.. head, .. Png], null);
        body.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=B");

        (await client.SendAsync("PATCH", Items + "/1", body)).Is(400);
    }

    public void Dispose() => _shop.Dispose();

    private static async Task AssertFailsAndRecoversAsync(ServerProcess server, Action mend)
    {
        using var client = server.CreateClient();
        for (var i = 0; i < 3; i++)
        {
            var answer = await UploadAsync(client, Large);
            answer.Is(503, """{"errors":{"detail":"Service Unavailable"}}""");
            Assert.Equal("5", answer.Header("Retry-After"));
        }

        (await client.PostAsync(ShopFolder.Orders, ShopFolder.AnOrder)).Is(201);
        var line = Assert.Single(server.Output, text => text.Contains("Z fail: ", StringComparison.Ordinal));
        Assert.Contains("An upload could not be stored: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Output, text => text.Contains("   at ", StringComparison.Ordinal));

        mend();
        (await UploadAsync(client, Large)).Is(200);
        // The server logs after it has answered.
        await Polling.UntilAsync(() => server.Output.Any(
            text => text.Contains("Uploads are stored again; 3 have failed.", StringComparison.Ordinal)));
    }

    private static async Task<RestAnswer> UploadAsync(RestClient client, int length)
    {
        using var form = new MultipartFormDataContent { { Part(PngOf(length), "image/png"), "image", "kopp.png" } };
        return await client.SendAsync("PATCH", Items + "/1", form);
    }
}
