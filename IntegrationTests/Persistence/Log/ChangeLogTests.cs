using Kaffediem.Persistence.Content;
using Kaffediem.Persistence.Transactions;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence.Log;

public sealed class ChangeLogTests
{
    [Fact]
    public async Task Changes_are_read_after_a_seq_in_order_and_limited()
    {
        await using var test = new TestDatabase();
        for (var i = 1; i <= 5; i++)
        {
            await test.Notices.CreateAsync(new NoticeDraft { Title = $"{i}" }, Token).Saved();
        }

        var changes = await test.Database.ReadChangesAsync(afterSeq: 1, limit: 3, Token);

        Assert.Equal([2, 3, 4], changes.Select(change => change.Seq));
        Assert.Empty(await test.Database.ReadChangesAsync(afterSeq: 5, limit: 3, Token));
    }

    [Fact]
    public async Task Change_after_LastSeq_is_not_read()
    {
        await using var test = new TestDatabase();
        await test.Notices.CreateAsync(new NoticeDraft { Title = "1" }, Token).Saved();

        // The instant after a commit: the change is in the file, and the writer has not set LastSeq yet.
        test.Execute(
            """
            INSERT INTO change_log (collection, action, record_id, record, inserted_at)
                 VALUES ('message', 'delete', 1, '{"id":1}', '2026-11-23T12:00:00')
            """);

        Assert.Equal(
            [1], (await test.Database.ReadChangesAsync(afterSeq: 0, limit: 10, Token)).Select(change => change.Seq));
        await test.Notices.CreateAsync(new NoticeDraft { Title = "2" }, Token).Saved();
        Assert.Equal(
            [1, 2, 3],
            (await test.Database.ReadChangesAsync(afterSeq: 0, limit: 10, Token)).Select(change => change.Seq));
    }

    [Fact]
    public async Task Change_has_the_record_as_clients_receive_it()
    {
        await using var test = new TestDatabase();

        await test.Notices.CreateAsync(new NoticeDraft { Title = "Åpent \"nå\"" }, Token).Saved();

        Assert.Equal(
            """
            message Create {"id":1,"title":"Åpent \"nå\"","subtitle":null,
            "inserted_at":"2026-11-23T12:00:00","updated_at":"2026-11-23T12:00:00"}
            """.ReplaceLineEndings(""),
            Assert.Single(await test.ChangesAsync()));
    }

    [Fact]
    public async Task Restart_keeps_epoch_and_seq()
    {
        await using var test = new TestDatabase();
        await test.Notices.CreateAsync(new NoticeDraft(), Token).Saved();
        await test.Notices.DeleteAsync(1, Token).Saved();
        var (epoch, seq) = (test.Database.Epoch, test.Database.LastSeq);
        await test.CloseAsync();

        Assert.Equal((epoch, seq), (test.Database.Epoch, test.Database.LastSeq));
        Assert.Equal(
            new ChangePosition(2, epoch), await test.Database.ReadAsync(transaction => transaction.Position, Token));
        await test.Notices.CreateAsync(new NoticeDraft(), Token).Saved();
        Assert.Equal(3, test.Database.LastSeq);
    }

    [Theory]
    [InlineData("UPDATE category SET updated_at = '2026-11-24T12:00:01' WHERE id = 1")]
    [InlineData("UPDATE item SET updated_at = '2026-11-24T12:00:01' WHERE id = 1")]
    [InlineData("UPDATE customization_key SET updated_at = '2026-11-24T12:00:01' WHERE id = 1")]
    [InlineData("UPDATE customization_value SET updated_at = '2026-11-24T12:00:01' WHERE id = 1")]
    [InlineData("UPDATE message SET updated_at = '2026-11-24T12:00:01' WHERE id = 1")]
    [InlineData("UPDATE status SET updated_at = '2026-11-24T12:00:01' WHERE id = 1")]
    [InlineData("UPDATE \"order\" SET updated_at = '2026-11-24T12:00:01' WHERE id = 1")]
    [InlineData("""
        INSERT INTO "order" (uuid, day_id, state, inserted_at, updated_at)
             VALUES ('another', 107, 'received', '2026-11-24T12:00:01', '2026-11-24T12:00:01')
        """)]
    public async Task Write_by_another_program_begins_a_new_epoch_at_the_next_start(string sql)
    {
        await using var test = TestDatabase.WithSample();
        test.Time.Advance(TimeSpan.FromDays(1)); // the sample is newer than the test's clock
        await test.Notices.CreateAsync(new NoticeDraft { Title = "ours" }, Token).Saved();
        var epoch = test.Database.Epoch;
        await test.CloseAsync();
        Assert.Equal(epoch, test.Database.Epoch);
        await test.CloseAsync();

        test.Execute(sql);

        Assert.NotEqual(epoch, test.Database.Epoch);
    }

    [Fact]
    public async Task Every_file_has_its_own_epoch()
    {
        await using var one = new TestDatabase();
        await using var other = new TestDatabase();

        Assert.Equal(32, one.Database.Epoch.Length);
        Assert.NotEqual(one.Database.Epoch, other.Database.Epoch);
    }

    [Fact]
    public async Task Position_is_0_before_the_first_change()
    {
        await using var test = TestDatabase.WithSample();

        Assert.Equal(0, test.Database.LastSeq);
        Assert.Equal(0, (await test.Database.ReadAsync(transaction => transaction.Position, Token)).Seq);
    }
}
