using Dapper;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Content;
using Kaffediem.Persistence.Transactions;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence;

/// <summary>The read door of the database.</summary>
public sealed class ReadTests
{
    private const string Endless =
        """
        WITH RECURSIVE number (n) AS (SELECT 1
                                       UNION ALL
                                      SELECT n + 1
                                        FROM number)
        SELECT COUNT(*)
          FROM number
        """;

    [Fact]
    public async Task Read_and_its_position_belong_to_one_instant_during_writes()
    {
        await using var test = new TestDatabase();
        using var enough = new CancellationTokenSource();
        var writer = Task.Run(() => WriteUntilCancelled(test, enough.Token), Token);

        for (var i = 0; i < 200; i++)
        {
            // There is one change for each notice, so the number of notices must equal the position.
            var (notices, position) = await test.Database.ReadAsync(
                transaction => (new NoticeStore().List.ReadAll(transaction).ToList(), transaction.Position), Token);
            Assert.Equal(position.Seq, notices.Count);
        }

        await enough.CancelAsync();
        await writer;
    }

    [Fact]
    public async Task Read_does_not_see_a_commit_made_during_it()
    {
        await using var test = new TestDatabase();
        await test.Notices.CreateAsync(new NoticeDraft(), Token).Saved();

        var (before, after) = await test.Database.ReadAsync(
            transaction =>
            {
                var before = new NoticeStore().List.ReadAll(transaction).ToList().Count;
                test.Notices.CreateAsync(new NoticeDraft(), Token).Wait(Token);
                return (before, new NoticeStore().List.ReadAll(transaction).ToList().Count);
            },
            Token);

        Assert.Equal((1, 1), (before, after));
        Assert.Equal(2, (await test.Notices.ListAsync(Token)).Count);
    }

    [Fact]
    public async Task Read_cannot_write()
    {
        await using var test = new TestDatabase();

        await Assert.ThrowsAsync<ReadFailedException>(() => test.Database.ReadAsync(
            transaction => transaction.Connection.Execute("DELETE FROM message"), Token));
    }

    [Fact]
    public async Task Failed_read_releases_its_turn()
    {
        await using var test = new TestDatabase { ReadConnections = 1 };

        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => test.Database.ReadAsync<bool>(
            _ => throw new InvalidTimeZoneException(), Token));

        Assert.Empty(await test.Notices.ListAsync(Token));
    }

    [Fact]
    public async Task Reads_beyond_the_number_of_connections_wait()
    {
        await using var test = new TestDatabase { ReadConnections = 2 };
        var running = 0;
        var most = 0;

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(
            () => test.Database.ReadAsync(
                _ =>
                {
                    InterlockedMax(ref most, Interlocked.Increment(ref running));
                    Thread.Yield();
                    return Interlocked.Decrement(ref running);
                },
                Token),
            Token)));

        Assert.InRange(most, 1, 2);
    }

    [Theory]
    [InlineData(ReadLane.Bulk, ReadLane.Prompt)]
    [InlineData(ReadLane.Bulk, ReadLane.UserBulk)]
    [InlineData(ReadLane.UserBulk, ReadLane.Prompt)]
    [InlineData(ReadLane.UserBulk, ReadLane.Bulk)]
    public async Task Full_lane_does_not_block_another(ReadLane full, ReadLane other)
    {
        await using var test = new TestDatabase();
        using var end = new ManualResetEventSlim();
        var running = Enumerable.Range(0, test.Database.TurnsOf(full) + 1).Select(_ => Task.Run(
            () => test.Database.ReadAsync(full, _ => end.Wait(Patience.Limit), Token), Token)).ToList();

        await test.Database.ReadAsync(
            other, transaction => new NoticeStore().List.ReadAll(transaction).ToList(), Token)
            .WaitAsync(Patience.Limit, Token);

        Assert.DoesNotContain(running, read => read.IsCompleted);
        end.Set();
        await Task.WhenAll(running);
    }

    [Fact]
    public async Task Cancellation_interrupts_the_running_read_but_not_the_next()
    {
        await using var test = new TestDatabase();
        for (var i = 0; i < 20; i++)
        {
            using var left = new CancellationTokenSource();
            var begun = new TaskCompletionSource();
            var endless = Task.Run(
                () => test.Database.ReadAsync(
                    ReadLane.Bulk,
                    transaction =>
                    {
                        begun.SetResult();
                        return transaction.Connection.QuerySingle<long>(Endless);
                    },
                    left.Token),
                Token);
            await begun.Task;
            await left.CancelAsync();

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endless.WaitAsync(Patience.Limit, Token));
            Assert.Empty(
                await test.Database.ReadAsync(
                    ReadLane.Bulk, transaction => new NoticeStore().List.ReadAll(transaction).ToList(), Token));
        }
    }

    private static async Task WriteUntilCancelled(TestDatabase test, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => test.Notices.CreateAsync(new NoticeDraft(), Token)));
        }
    }

    private static void InterlockedMax(ref int location, int value)
    {
        for (var seen = location; value > seen; seen = location)
        {
            Interlocked.CompareExchange(ref location, value, seen);
        }
    }
}
