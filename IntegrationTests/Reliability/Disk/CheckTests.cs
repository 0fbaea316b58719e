using Kaffediem.IntegrationTests.Images;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Disk;

/// <summary>
/// <c>Server check</c>, as the built program: it finds what is planted, and nothing else.
/// </summary>
[Experiment("Disk")]
public sealed class CheckTests
{
    [Fact]
    public async Task A_database_in_order_is_told_so_beside_a_server_and_without()
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        var before = await File.ReadAllBytesAsync(shop.Database);

        var check = await shop.RunAsync("check");

        Assert.Equal((0, ""), (check.ExitCode, check.Error));
        Assert.Contains(
            "Schema: 0008_list_indexes\nChanges: 1 to 3\nEverything is in order.\n",
            check.Output,
            StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(shop.Database));
        Assert.Equal(["shop.db"], shop.Files);

        using var server = await shop.ServeAsync();
        using var client = server.CreateClient();
        (await client.PatchAsync($"{ShopFolder.Orders}/1", """{"state":"completed"}""")).Is(200);
        (await client.DeleteAsync($"{ShopFolder.Orders}/2")).Is(204);
        check = await shop.RunAsync("check");
        Assert.Equal((0, ""), (check.ExitCode, check.Error));
        Assert.Contains("Changes: 1 to 5", check.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_Kaffebase_and_one_of_an_older_version_are_in_order_too()
    {
        using var shop = ShopFolder.WithSample();

        Assert.Contains(
            "Schema: Kaffebase\nEverything is in order.",
            (await shop.RunAsync("check")).Output,
            StringComparison.Ordinal);

        using (var server = await shop.ServeAsync())
        {
            await server.StopAsync();
        }

        shop.Execute("DELETE FROM kaffediem_migrations WHERE name > '0005'");
        var older = await shop.RunAsync("check");
        Assert.Equal(0, older.ExitCode);
        Assert.Contains("Schema: 0004_every_collection, which a start updates", older.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DELETE FROM change_log WHERE seq = 2", "1 changes between 1 and 3 are missing.")]
    [InlineData("DELETE FROM change_log WHERE seq = 3", "The last change is 2, but 3 was already used.")]
    [InlineData(
        "DELETE FROM \"order\" WHERE id = (SELECT record_id FROM change_log WHERE seq = 1)",
        "1 records that the log has are missing")]
    [InlineData(
        "UPDATE \"order\" SET updated_at = '2020-01-01T00:00:00' "
            + "WHERE id = (SELECT record_id FROM change_log WHERE seq = 1)",
        "1 records are older than in the log.")]
    [InlineData(
        "UPDATE change_log SET action = 'delete' WHERE seq = 1",
        "1 records exist that the log says were deleted.")]
    [InlineData("DELETE FROM epoch", "There are 0 epochs, not one.")]
    [InlineData(
        "UPDATE item SET category_id = 99 WHERE id = 1",
        "Row 1 of item refers to a row of category that is missing.")]
    [InlineData(
        "PRAGMA ignore_check_constraints = ON; UPDATE change_log SET record = 'x' WHERE seq = 1",
        "CHECK constraint failed in change_log")]
    public async Task What_is_not_in_order_is_told(string sql, string problem)
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        shop.Execute("PRAGMA foreign_keys = OFF; " + sql);

        var check = await shop.RunAsync("check");

        Assert.Equal(1, check.ExitCode);
        Assert.Contains(problem, check.Error, StringComparison.Ordinal);
        Assert.EndsWith("This is not in order.\n", check.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Images_that_items_show_are_compared_and_others_only_mentioned()
    {
        using var shop = ShopFolder.WithSample();
        string first, second;
        using (var server = await shop.ServeAsync())
        {
            using var client = server.CreateClient();
            first = Path.GetFileName(await ImageFiles.UploadAsync(client, ImageFiles.Png));
            second = Path.GetFileName(await ImageFiles.UploadAsync(client, ImageFiles.Gif, ImageFiles.Items + "/2"));
            Assert.Equal(0, await server.StopAsync());
        }

        var folder = shop.Database + "-uploads";
        await File.WriteAllBytesAsync(Path.Combine(folder, "00112233445566778899aabbccddeeff.png"), ImageFiles.Png);
        var whole = await shop.RunAsync("check");
        Assert.Equal((0, ""), (whole.ExitCode, whole.Error));
        Assert.EndsWith(
            "Images: 2\nImages that no item shows, which the server deletes: 1\nEverything is in order.\n",
            whole.Output,
            StringComparison.Ordinal);

        File.Delete(Path.Combine(folder, first));
        await File.WriteAllBytesAsync(Path.Combine(folder, second), ImageFiles.Gif[..^1]);
        var broken = await shop.RunAsync("check");
        Assert.Equal(1, broken.ExitCode);
        Assert.Equal(
            $"The image {first} of item 1 is missing in {folder}.\nThe image {second} of item 2 is not as it was "
                + "uploaded.\n",
            broken.Error);
        Assert.EndsWith("This is not in order.\n", broken.Output, StringComparison.Ordinal);

        Directory.Delete(folder, recursive: true);
        Assert.Equal(1, (await shop.RunAsync("check")).ExitCode);
    }

    [Fact]
    public async Task The_oldest_changes_may_be_gone_and_another_program_may_have_written()
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        shop.Execute(
            "DELETE FROM change_log WHERE seq = 1; "
                + "UPDATE \"order\" SET updated_at = '2099-01-01T00:00:00' WHERE id = 6");

        var check = await shop.RunAsync("check");

        Assert.Equal((0, ""), (check.ExitCode, check.Error));
    }

    [Fact]
    public async Task Damage_is_told_and_what_is_no_database_at_all()
    {
        using var shop = await ShopFolder.WithOrdersAsync();
        Damage.Table(shop.Database, "order");

        var damaged = await shop.RunAsync("check");

        Assert.Equal(1, damaged.ExitCode);
        Assert.NotEmpty(damaged.Error);

        await File.WriteAllTextAsync(shop.Database, string.Concat(Enumerable.Repeat("a shopping list ", 1000)));
        var none = await shop.RunAsync("check");
        Assert.Equal((1, $"{shop.Database} is not a SQLite database.\n"), (none.ExitCode, none.Error));
    }
}
