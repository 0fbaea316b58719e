using Dapper;
using Kaffediem.IntegrationTests.Persistence.Writing;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Content;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Sqlite;
using Kaffediem.Persistence.Sqlite.Statements;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence.Sqlite;

/// <summary>The write door: which writes share a commit, and which of them a failure rolls back.</summary>
public sealed class GroupCommitTests
{
    [Fact]
    public async Task Waiting_requests_share_one_commit()
    {
        await using var test = new TestDatabase();
        var held = await HeldWriter.StartAsync(test.Database);
        var before = WriteAheadLog.CountCommits(test.Path);
        var writes = Enumerable.Range(1, 50).Select(i => Add(test, $"notice {i}")).ToList();

        await held.ReleaseAsync();
        await Task.WhenAll(writes);

        Assert.Equal(before + 1, WriteAheadLog.CountCommits(test.Path));
        Assert.Equal(50, test.Database.LastSeq);
    }

    [Fact]
    public async Task Acknowledged_write_survives_the_process()
    {
        await using var test = new TestDatabase();
        await using var survivor = new TestDatabase();
        await Add(test, "kept").Saved();

        // The file that a process killed at this moment leaves behind.
        File.Copy(test.Path, survivor.Path);
        File.Copy(test.Path + "-wal", survivor.Path + "-wal");

        Assert.Equal("kept", Assert.Single(await survivor.Notices.ListAsync(Token)).Title);
        Assert.Equal((1, test.Database.Epoch), (survivor.Database.LastSeq, survivor.Database.Epoch));
    }

    [Fact]
    public async Task Crash_begins_a_new_epoch_if_commits_are_not_synced()
    {
        await using var test = new TestDatabase { FullSync = false };
        await using var survivor = new TestDatabase { FullSync = false };
        await Add(test, "seen").Saved();
        File.Copy(test.Path, survivor.Path);
        File.Copy(test.Path + "-wal", survivor.Path + "-wal");

        Assert.NotEqual(test.Database.Epoch, survivor.Database.Epoch);

        var epoch = survivor.Database.Epoch;
        await survivor.CloseAsync();
        Assert.Equal(epoch, survivor.Database.Epoch);
    }

    [Fact]
    public async Task Crash_begins_a_new_epoch_even_if_commits_are_synced_from_now_on()
    {
        await using var test = new TestDatabase { FullSync = false };
        await using var survivor = new TestDatabase();
        await using var next = new TestDatabase();
        await Add(test, "seen").Saved();
        File.Copy(test.Path, survivor.Path);
        File.Copy(test.Path + "-wal", survivor.Path + "-wal");

        Assert.NotEqual(test.Database.Epoch, survivor.Database.Epoch);

        // From now on every commit is synced, so the next crash keeps the epoch.
        await Add(survivor, "kept").Saved();
        File.Copy(survivor.Path, next.Path);
        File.Copy(survivor.Path + "-wal", next.Path + "-wal");
        Assert.Equal(survivor.Database.Epoch, next.Database.Epoch);
    }

    [Fact]
    public async Task Crash_begins_a_new_epoch_even_if_the_WAL_was_checkpointed_first()
    {
        await using var test = new TestDatabase { FullSync = false };
        await using var survivor = new TestDatabase { FullSync = false };
        await Add(test, "seen").Saved();
        File.Copy(test.Path, survivor.Path);
        File.Copy(test.Path + "-wal", survivor.Path + "-wal");
        Assert.Equal(["seen"], survivor.Query<string>("SELECT title FROM message"));
        Assert.False(File.Exists(survivor.Path + "-wal"));

        Assert.NotEqual(test.Database.Epoch, survivor.Database.Epoch);
    }

    [Fact]
    public async Task Command_beside_the_server_begins_no_epoch()
    {
        await using var test = new TestDatabase { FullSync = false };
        await Add(test, "seen").Saved();
        var epoch = test.Database.Epoch;
        var options = new DatabaseOptions { Path = test.Path, FullSync = false };
        await using (Database.OpenBesideServer(options, test.Time, NullLogger<Database>.Instance))
        {
        }

        Assert.Equal([epoch], test.Query<string>("SELECT id FROM epoch"));
        await test.CloseAsync();
        Assert.Equal(epoch, test.Database.Epoch);
    }

    [Fact]
    public async Task Commit_has_at_most_the_allowed_number_of_requests()
    {
        await using var test = new TestDatabase { MaxBatch = 2 };
        var held = await HeldWriter.StartAsync(test.Database);
        var before = WriteAheadLog.CountCommits(test.Path);
        var writes = Enumerable.Range(1, 5).Select(i => Add(test, $"notice {i}")).ToList();

        await held.ReleaseAsync();
        await Task.WhenAll(writes);

        Assert.Equal(before + 3, WriteAheadLog.CountCommits(test.Path));
    }

    [Fact]
    public async Task Request_that_throws_rolls_back_only_itself()
    {
        await using var test = new TestDatabase();
        var held = await HeldWriter.StartAsync(test.Database);
        var before = WriteAheadLog.CountCommits(test.Path);
        var first = Add(test, "first");
        var failing = test.Database.WriteAsync<bool>(AddAndThrow, Token);
        var last = Add(test, "last");

        await held.ReleaseAsync();

        await first.Saved();
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => failing);
        await last.Saved();
        Assert.Equal(before + 1, WriteAheadLog.CountCommits(test.Path));
        Assert.Equal(["first", "last"], test.Query<string>("SELECT title FROM message ORDER BY id"));
        var changes = await test.ChangesAsync();
        Assert.Equal(2, changes.Count);
        Assert.Contains("first", changes[0]);
        Assert.Contains("last", changes[1]);

        static Written<bool> AddAndThrow(WriteTransaction transaction)
        {
            new NoticeStore().Create(transaction, new NoticeDraft { Title = "failing" });
            throw new InvalidTimeZoneException();
        }
    }

    [Fact]
    public async Task Change_that_the_log_refuses_rolls_back_its_write()
    {
        await using var test = new TestDatabase();

        await Assert.ThrowsAsync<SqliteException>(() => test.Database.WriteAsync(
            transaction =>
            {
                var notice = new NoticeStore().Create(transaction, new NoticeDraft { Title = "unlogged" });
                return notice with { Changes = [.. notice.Changes, NewChange.Delete("unknown collection", 1)] };
            },
            Token));

        Assert.Empty(test.Query<string>("SELECT title FROM message"));
        Assert.Empty(await test.ChangesAsync());
        Assert.Equal(0, test.Database.LastSeq);
    }

    [Fact]
    public async Task Failed_commit_fails_every_request_of_the_batch()
    {
        await using var test = new TestDatabase { ExpectsErrors = true };
        await Add(test, "before").Saved();
        var held = await HeldWriter.StartAsync(test.Database);
        var innocent = Add(test, "innocent");
        var culprit = test.Database.WriteAsync(BreakForeignKeyAtCommit, Token);

        await held.ReleaseAsync();

        await Assert.ThrowsAsync<SqliteException>(() => innocent);
        await Assert.ThrowsAsync<SqliteException>(() => culprit);
        Assert.Equal(1, test.Database.LastSeq);
        Assert.Equal(["before"], test.Query<string>("SELECT title FROM message"));

        await Add(test, "after").Saved();
        Assert.Equal(2, test.Database.LastSeq);

        static Written<bool> BreakForeignKeyAtCommit(WriteTransaction transaction)
        {
            transaction.Connection.Execute("PRAGMA defer_foreign_keys = ON");
            transaction.Connection.Execute(
                """
                INSERT INTO item (name, category_id, inserted_at, updated_at)
                     VALUES ('orphan', 999, '', '')
                """);
            return Written.WithoutChange(true);
        }
    }

    [Fact]
    public async Task Request_that_ends_the_transaction_fails_the_batch_but_not_the_writer()
    {
        await using var test = new TestDatabase { ExpectsErrors = true };
        var held = await HeldWriter.StartAsync(test.Database);
        var innocent = Add(test, "innocent");
        // SQLite itself rolls back like this on a full disk.
        var culprit = test.Database.WriteAsync<bool>(
            transaction =>
            {
                transaction.Connection.Execute("ROLLBACK");
                throw new InvalidTimeZoneException();
            },
            Token);

        await held.ReleaseAsync();

        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => innocent);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => culprit);
        await Add(test, "after").Saved();
        Assert.Equal(["after"], test.Query<string>("SELECT title FROM message"));
    }

    [Fact]
    public async Task LastSeq_covers_a_write_before_its_caller_is_acknowledged()
    {
        await using var test = new TestDatabase();
        await Add(test, "first").Saved();
        await test.CloseAsync();
        using var sqlite = new SqliteConnection($"Data Source={test.Path};Pooling=False");
        sqlite.Open();
        using var connection = new PreparedConnection(sqlite);
        var commit = new GroupCommit(connection, test.Time, NullLogger.Instance);
        List<long> lastSeqs = [];

        commit.Run(
            [
                new WatchedRequest(() => lastSeqs.Add(commit.LastSeq)),
                new WatchedRequest(() => lastSeqs.Add(commit.LastSeq)),
            ]);

        Assert.Equal([3, 3], lastSeqs);
    }

    private static Task<WriteResult<Notice>> Add(TestDatabase test, string title) =>
        test.Notices.CreateAsync(new NoticeDraft { Title = title }, Token);

    /// <summary>Creates a notice and calls back at the moment of its acknowledgement.</summary>
    private sealed class WatchedRequest(Action onAcknowledged) : WriteRequest(CancellationToken.None)
    {
        public override IReadOnlyList<NewChange> Run(WriteTransaction transaction) =>
            new NoticeStore().Create(transaction, new NoticeDraft { Title = "watched" }).Changes;

        public override void Acknowledge() => onAcknowledged();

        public override void Fail(Exception exception) => Assert.Fail(exception.Message);

        public override void Cancel() => Assert.Fail("The test does not cancel it.");
    }
}
