using Kaffediem.Persistence.Content;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence.Log;

/// <summary>The change log retains young changes up to a limit, and always its last change.</summary>
public sealed class ChangePruningTests
{
    [Fact]
    public async Task Old_changes_are_pruned_but_the_last_one_is_retained()
    {
        await using var test = new TestDatabase();
        await CreateAsync(test, 2500);
        test.Time.Advance(TimeSpan.FromDays(7));
        await CreateAsync(test, 1);
        Assert.Equal(0, await test.Database.PruneChangesAsync(Token));

        test.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2500, await test.Database.PruneChangesAsync(Token));
        test.Time.Advance(TimeSpan.FromDays(30));
        Assert.Equal(0, await test.Database.PruneChangesAsync(Token));

        Assert.Equal(2501, test.Database.LastSeq);
        await test.CloseAsync();
        Assert.Equal(2501, test.Database.LastSeq);
    }

    [Fact]
    public async Task Oldest_changes_are_pruned_beyond_the_limit()
    {
        await using var test = new TestDatabase { KeepChanges = 1000 };
        await CreateAsync(test, 2500);

        Assert.Equal(1500, await test.Database.PruneChangesAsync(Token));

        Assert.Equal(1501, (await test.Database.ReadChangesAsync(0, 1, Token))[0].Seq);
    }

    [Fact]
    public async Task Clock_that_was_ahead_for_a_while_leaves_no_gap()
    {
        await using var test = new TestDatabase();
        await CreateAsync(test, 5);
        test.Execute("UPDATE change_log SET inserted_at = '2030-01-01T00:00:00' WHERE seq = 2");
        test.Time.Advance(TimeSpan.FromDays(8));
        await CreateAsync(test, 1);

        Assert.Equal(1, await test.Database.PruneChangesAsync(Token));

        Assert.Equal(
            [2, 3, 4, 5, 6], (await test.Database.ReadChangesAsync(0, 10, Token)).Select(change => change.Seq));
    }

    private static async Task CreateAsync(TestDatabase test, int count) => await Task.WhenAll(
        Enumerable.Range(0, count).Select(_ => test.Notices.CreateAsync(new NoticeDraft(), Token)));
}
