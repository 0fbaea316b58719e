using Dapper;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Content;
using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Sqlite;
using Kaffediem.Persistence.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Persistence.Writing;

/// <summary>The write door: what shares a commit, and what a failure takes with it.</summary>
public sealed class GroupCommitTests
{
    [Fact]
    public async Task Requests_that_wait_share_one_commit()
    {
        await using var test = new TestDatabase();
        var held = await HeldWriter.StartAsync(test.Database);
        var writes = Enumerable.Range(1, 50).Select(i => Add(test, $"notice {i}")).ToList();

        await held.ReleaseAsync();
        await Task.WhenAll(writes);

        Assert.Equal(2, test.Database.CommitCount);
        Assert.Equal(50, test.Database.LastSeq);
    }

    [Fact]
    public async Task An_acknowledged_write_outlives_the_process()
    {
        await using var test = new TestDatabase();
        await using var survivor = new TestDatabase();
        await Add(test, "kept").Saved();

        // What a process that is killed now leaves behind.
        File.Copy(test.Path, survivor.Path);
        File.Copy(test.Path + "-wal", survivor.Path + "-wal");

        Assert.Equal("kept", Assert.Single(await survivor.Notices.ListAsync(Token)).Title);
        Assert.Equal((1, test.Database.Epoch), (survivor.Database.LastSeq, survivor.Database.Epoch));
    }

    [Fact]
    public async Task Where_a_power_cut_may_take_commits_back_a_crash_begins_a_new_epoch()
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
    public async Task So_it_does_where_commits_are_synced_from_now_on()
    {
        await using var test = new TestDatabase { FullSync = false };
        await using var survivor = new TestDatabase();
        await using var next = new TestDatabase();
        await Add(test, "seen").Saved();
        File.Copy(test.Path, survivor.Path);
        File.Copy(test.Path + "-wal", survivor.Path + "-wal");

        Assert.NotEqual(test.Database.Epoch, survivor.Database.Epoch);

        // From the next crash on nothing is in doubt any more.
        await Add(survivor, "kept").Saved();
        File.Copy(survivor.Path, next.Path);
        File.Copy(survivor.Path + "-wal", next.Path + "-wal");
        Assert.Equal(survivor.Database.Epoch, next.Database.Epoch);
    }

    [Fact]
    public async Task So_it_does_when_the_log_is_tidied_away_before()
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
    public async Task A_command_beside_the_server_begins_none()
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
    public async Task A_commit_has_no_more_requests_than_allowed()
    {
        await using var test = new TestDatabase { MaxBatch = 2 };
        var held = await HeldWriter.StartAsync(test.Database);
        var writes = Enumerable.Range(1, 5).Select(i => Add(test, $"notice {i}")).ToList();

        await held.ReleaseAsync();
        await Task.WhenAll(writes);

        Assert.Equal(1 + 3, test.Database.CommitCount);
    }

    [Fact]
    public async Task A_request_that_throws_spoils_only_itself()
    {
        await using var test = new TestDatabase();
        var held = await HeldWriter.StartAsync(test.Database);
        var first = Add(test, "first");
        var failing = test.Database.WriteAsync<bool>(AddAndThrow, Token);
        var last = Add(test, "last");

        await held.ReleaseAsync();

        await first.Saved();
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => failing);
        await last.Saved();
        Assert.Equal(2, test.Database.CommitCount);
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
    public async Task A_change_that_the_log_refuses_takes_its_write_with_it()
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
    public async Task When_the_commit_fails_every_request_of_the_batch_fails()
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
    public async Task A_request_that_ends_the_transaction_fails_the_batch_and_not_the_writer()
    {
        await using var test = new TestDatabase { ExpectsErrors = true };
        var held = await HeldWriter.StartAsync(test.Database);
        var innocent = Add(test, "innocent");
        // As SQLite itself does on a full disk.
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

    /// <summary>Creates a notice, and calls back at the moment of its acknowledgement.</summary>
    private sealed class WatchedRequest(Action onAcknowledged) : WriteRequest(CancellationToken.None)
    {
        public override IReadOnlyList<NewChange> Run(WriteTransaction transaction) =>
            new NoticeStore().Create(transaction, new NoticeDraft { Title = "watched" }).Changes;

        public override void Acknowledge() => onAcknowledged();

        public override void Fail(Exception exception) => Assert.Fail(exception.Message);

        public override void Cancel() => Assert.Fail("Nobody has cancelled it.");
    }
}
