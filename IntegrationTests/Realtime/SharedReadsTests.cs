using Kaffediem.IntegrationTests.Persistence;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Kaffediem.Persistence.Content;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;
using Kaffediem.Server.Admission;
using Kaffediem.Server.Realtime;
using Microsoft.Extensions.Logging.Abstractions;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Realtime;

/// <summary>Simultaneous reads of the same list are shared, but clients cannot fill the cache at will.</summary>
public sealed class SharedReadsTests : IAsyncDisposable
{
    private const int Megabyte = 1024 * 1024;

    private static readonly Asker Stranger = Asker.OfStranger(null);

    private readonly TestDatabase _test = new();
    private readonly SharedReads<int> _reads;
    private readonly List<int> _read = [];

    public SharedReadsTests() => _reads = new(
        new LongReads(_test.Database, sessions: null!, new ReadOptions(), _test.Time, NullLogger<LongReads>.Instance));

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Small_answers_are_cached_until_the_next_commit()
    {
        await ReadAsync(key: 1, length: 1000);
        await ReadAsync(key: 2, length: 1000);
        await ReadAsync(key: 1, length: 1000);
        await CommitAsync();
        await ReadAsync(key: 1, length: 1000);

        Assert.Equal([1, 2, 1], _read);
    }

    [Fact]
    public async Task Large_answers_to_several_queries_are_not_cached_together()
    {
        await ReadAsync(key: 1, length: 20 * Megabyte);
        await ReadAsync(key: 2, length: 20 * Megabyte);
        await ReadAsync(key: 2, length: 20 * Megabyte);
        await ReadAsync(key: 1, length: 20 * Megabyte);

        Assert.Equal([1, 2, 1], _read);
    }

    [Fact]
    public async Task Answer_larger_than_the_cache_is_still_shared()
    {
        await ReadAsync(key: 1, length: 40 * Megabyte);
        await ReadAsync(key: 1, length: 40 * Megabyte);

        Assert.Equal([1], _read);
    }

    [Fact]
    public async Task Read_in_progress_is_shared_with_callers_for_which_it_is_new_enough()
    {
        using var begun = new SemaphoreSlim(0);
        using var gate = new ManualResetEventSlim();
        var first = GetAsync(key: 1, Held);
        await begun.WaitAsync(Patience.Limit, Token);
        var same = GetAsync(key: 1, _ => throw new InvalidTimeZoneException());
        await CommitAsync();
        var newer = GetAsync(key: 1, _ => new byte[1]);
        gate.Set();

        Assert.Same(await first, await same);
        Assert.Equal((0, 1), ((await first).Seq, (await newer).Seq));
        Assert.Same(await newer, await GetAsync(key: 1, _ => throw new InvalidTimeZoneException()));

        ReadOnlyMemory<byte> Held(ReadTransaction transaction)
        {
            begun.Release();
            Assert.True(gate.Wait(Patience.Limit));
            return new byte[1];
        }
    }

    // The read began after the commit of the caller's change and saw a later change, too.
    [Fact]
    public async Task Finished_read_is_shared_with_callers_that_ask_for_a_seq_it_includes()
    {
        await CommitAsync();
        await CommitAsync();
        var ahead = await GetAsync(key: 1, _ => new byte[1], lastSeq: 1);

        Assert.Same(ahead, await GetAsync(key: 1, _ => new byte[1], lastSeq: 2));
        Assert.NotSame(ahead, await GetAsync(key: 1, _ => new byte[1], lastSeq: 3));
    }

    [Fact]
    public async Task Failed_read_is_not_shared()
    {
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() =>
            GetAsync(key: 1, _ => throw new InvalidTimeZoneException()));

        Assert.Equal(0, (await GetAsync(key: 1, _ => new byte[1])).Seq);
    }

    [Fact]
    public async Task Read_continues_while_a_caller_waits_and_is_interrupted_when_the_last_one_leaves()
    {
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        var token = new TaskCompletionSource<CancellationToken>();
        var reads = new[]
        {
            GetAsync(key: 1, Endless, cancellationToken: first.Token),
            GetAsync(key: 1, Endless, cancellationToken: second.Token),
        };
        var reading = await token.Task.WaitAsync(Patience.Limit, Token);

        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reads[0]);
        Assert.False(reading.IsCancellationRequested);
        await second.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reads[1]);
        Assert.True(reading.IsCancellationRequested);

        Assert.Equal(0, (await GetAsync(key: 1, _ => new byte[1])).Seq);

        ReadOnlyMemory<byte> Endless(ReadTransaction transaction)
        {
            token.SetResult(transaction.CancellationToken); // throws if there is a second read
            transaction.CancellationToken.WaitHandle.WaitOne(Patience.Limit);
            transaction.CancellationToken.ThrowIfCancellationRequested();
            return new byte[1];
        }
    }

    [Fact]
    public async Task User_does_not_wait_for_the_same_read_of_a_stranger()
    {
        using var begun = new SemaphoreSlim(0);
        using var gate = new ManualResetEventSlim();
        var strangers = GetAsync(key: 1, Held, lane: ReadLane.Bulk);
        await begun.WaitAsync(Patience.Limit, Token);

        var users = await GetAsync(key: 1, _ => new byte[1], lane: ReadLane.UserBulk, asker: Asker.OfUser(1));

        Assert.False(strangers.IsCompleted);
        Assert.Same(users, await GetAsync(key: 1, _ => new byte[1], lane: ReadLane.Bulk));
        gate.Set();
        await strangers;

        ReadOnlyMemory<byte> Held(ReadTransaction transaction)
        {
            begun.Release();
            Assert.True(gate.Wait(Patience.Limit));
            return new byte[1];
        }
    }

    private Task<WriteResult<Notice>> CommitAsync() => _test.Notices.CreateAsync(new NoticeDraft(), Token);

    private Task<Snapshot> ReadAsync(int key, int length) => GetAsync(key, _ =>
    {
        _read.Add(key);
        return new byte[length];
    });

    private Task<Snapshot> GetAsync(
        int key,
        Func<ReadTransaction, ReadOnlyMemory<byte>> encode,
        long? lastSeq = null,
        ReadLane lane = ReadLane.Prompt,
        Asker? asker = null,
        CancellationToken cancellationToken = default) =>
        _reads.GetAsync(key, lastSeq ?? _test.Database.LastSeq, asker ?? Stranger, lane, encode, cancellationToken);
}
