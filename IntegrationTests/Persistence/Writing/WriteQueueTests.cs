using Kaffediem.Persistence.Content;
using Kaffediem.Persistence.Writing;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence.Writing;

/// <summary>The write door: its queue, as seen by its callers and by the change feed.</summary>
public sealed class WriteQueueTests
{
    [Fact]
    public async Task Request_cancelled_in_the_queue_is_skipped()
    {
        await using var test = new TestDatabase();
        using var cancellation = new CancellationTokenSource();
        var held = await HeldWriter.StartAsync(test.Database);
        var cancelled = test.Notices.CreateAsync(new NoticeDraft { Title = "cancelled" }, cancellation.Token);
        var other = Add(test, "other");
        await cancellation.CancelAsync();

        await held.ReleaseAsync();

        await Assert.ThrowsAsync<TaskCanceledException>(() => cancelled);
        await other.Saved();
        Assert.Equal(["other"], test.Query<string>("SELECT title FROM message"));
    }

    [Fact]
    public async Task Full_queue_refuses_a_write_at_once()
    {
        await using var test = new TestDatabase { MaxQueuedWrites = 2, ExpectsErrors = true };
        var held = await HeldWriter.StartAsync(test.Database);
        var queued = new[] { Add(test, "1"), Add(test, "2") };

        // The writer is held, so only a call that found no room can end now.
        await Assert.ThrowsAsync<WriteQueueFullException>(() => Add(test, "3"));
        await held.ReleaseAsync();

        await Task.WhenAll(queued);
        await Add(test, "4").Saved();
        Assert.Equal(["1", "2", "4"], test.Query<string>("SELECT title FROM message ORDER BY id"));
    }

    [Fact]
    public async Task Write_that_no_client_could_retry_waits_for_room_and_can_be_cancelled()
    {
        await using var test = new TestDatabase { MaxQueuedWrites = 2, KeepChanges = 1 };
        await Add(test, "old").Saved();
        using var cancellation = new CancellationTokenSource();
        var held = await HeldWriter.StartAsync(test.Database);
        var queued = new[] { Add(test, "1"), Add(test, "2") };
        var pruning = test.Database.PruneChangesAsync(Token);
        var day = test.OrderStore.BeginDayAsync(Token);
        var givenUp = test.Database.PruneChangesAsync(cancellation.Token);

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp);
        Assert.False(pruning.IsCompleted || day.IsCompleted);
        await held.ReleaseAsync();

        await Task.WhenAll([.. queued, day]);
        Assert.Equal(2, await pruning);
    }

    [Fact]
    public async Task Series_of_refusals_is_logged_once_and_the_next_one_at_least_a_minute_later()
    {
        await using var test = new TestDatabase { MaxQueuedWrites = 2, ExpectsErrors = true };
        foreach (var (seconds, logged) in new[] { (0, 1), (59, 1), (1, 2) })
        {
            test.Time.Advance(TimeSpan.FromSeconds(seconds));
            var held = await HeldWriter.StartAsync(test.Database);
            var queued = new[] { Add(test, "1"), Add(test, "2") };
            for (var i = 0; i < 10; i++)
            {
                await Assert.ThrowsAsync<WriteQueueFullException>(() => Add(test, "3"));
            }

            await held.ReleaseAsync();
            await Task.WhenAll(queued);
            await Add(test, "4").Saved();
            Assert.Equal(logged, test.ErrorCount);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(8, 6)]
    public async Task Queue_counts_as_nearly_full_from_three_quarters(int most, int nearly)
    {
        await using var test = new TestDatabase { MaxQueuedWrites = most };
        var held = await HeldWriter.StartAsync(test.Database);
        var queued = Enumerable.Range(1, nearly - 1).Select(i => Add(test, $"{i}")).ToList();
        Assert.Empty(test.Database.WriteObstacles);

        queued.Add(Add(test, "last"));
        Assert.Equal([$"{nearly} writes wait for the disk, of at most {most}."], test.Database.WriteObstacles);
        await held.ReleaseAsync();

        await Task.WhenAll(queued);
        Assert.Empty(test.Database.WriteObstacles);
    }

    [Fact]
    public async Task Closing_finishes_accepted_writes_and_refuses_later_ones()
    {
        await using var test = new TestDatabase();
        var held = await HeldWriter.StartAsync(test.Database);
        var accepted = Enumerable.Range(1, 20).Select(i => Add(test, $"notice {i}")).ToList();

        var closing = test.Database.DisposeAsync().AsTask();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Add(test, "late"));
        Assert.False(closing.IsCompleted);
        await held.ReleaseAsync();
        await closing;

        await Task.WhenAll(accepted);
        Assert.Equal(20, test.Query<long>("SELECT COUNT(*) FROM message").Single());
        Assert.False(File.Exists(test.Path + "-wal"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => test.Notices.ListAsync(Token));
    }

    [Fact]
    public async Task LastSeq_is_set_before_the_write_completes()
    {
        await using var test = new TestDatabase();

        for (var seq = 1; seq <= 50; seq++)
        {
            await Add(test, "notice").Saved();
            Assert.Equal(seq, test.Database.LastSeq);
        }
    }

    [Fact]
    public async Task Only_changes_wake_the_change_feed()
    {
        await using var test = new TestDatabase();
        var woken = test.Database.WaitForCommitAsync(Token);
        await test.Database.WriteAsync(_ => Written.WithoutChange(true), Token);
        await test.Notices.DeleteAsync(1, Token).NotFound();
        Assert.False(woken.IsCompleted);

        await Add(test, "one").Saved();
        await woken;

        await Add(test, "two").Saved();
        await Add(test, "three").Saved();
        await test.Database.WaitForCommitAsync(Token);
        Assert.False(test.Database.WaitForCommitAsync(Token).IsCompleted);
    }

    private static Task<WriteResult<Notice>> Add(TestDatabase test, string title) =>
        test.Notices.CreateAsync(new NoticeDraft { Title = title }, Token);
}
