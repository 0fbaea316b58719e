using Kaffediem.Server.Realtime;

namespace Kaffediem.IntegrationTests.Realtime;

/// <summary>What is read for many at once is shared, but clients cannot make the server keep what they like.</summary>
public sealed class SharedReadsTests
{
    private const int Megabyte = 1024 * 1024;

    private readonly SharedReads<int> _reads = new();
    private readonly List<int> _read = [];

    [Fact]
    public async Task Small_answers_are_kept_until_something_is_committed()
    {
        await ReadAsync(key: 1, length: 1000, seq: 1);
        await ReadAsync(key: 2, length: 1000, seq: 1);
        await ReadAsync(key: 1, length: 1000, seq: 1);
        await ReadAsync(key: 1, length: 1000, seq: 2);

        Assert.Equal([1, 2, 1], _read);
    }

    [Fact]
    public async Task Large_answers_to_many_questions_are_not_kept()
    {
        await ReadAsync(key: 1, length: 20 * Megabyte, seq: 1);
        await ReadAsync(key: 2, length: 20 * Megabyte, seq: 1);
        await ReadAsync(key: 2, length: 20 * Megabyte, seq: 1);
        await ReadAsync(key: 1, length: 20 * Megabyte, seq: 1);

        Assert.Equal([1, 2, 1], _read);
    }

    [Fact]
    public async Task An_answer_that_is_too_large_alone_is_still_shared()
    {
        await ReadAsync(key: 1, length: 40 * Megabyte, seq: 1);
        await ReadAsync(key: 1, length: 40 * Megabyte, seq: 1);

        Assert.Equal([1], _read);
    }

    [Fact]
    public async Task A_read_under_way_is_shared_with_those_it_is_new_enough_for()
    {
        var older = new TaskCompletionSource<Snapshot>();
        var first = _reads.GetAsync(key: 1, lastSeq: 1, () => older.Task);
        var same = _reads.GetAsync(key: 1, lastSeq: 1, () => ReadAtAsync(seq: 1));
        var newer = _reads.GetAsync(key: 1, lastSeq: 2, () => ReadAtAsync(seq: 2));
        older.SetResult(new Snapshot(new byte[1], 1));

        Assert.Same(first, same);
        Assert.Equal((1, 2), ((await first).Seq, (await newer).Seq));
        Assert.Same(await newer, await _reads.GetAsync(key: 1, lastSeq: 2, () => ReadAtAsync(seq: 2)));
        Assert.Equal([1], _read);
    }

    // The read began after the caller's change was committed, and saw a later one, too.
    [Fact]
    public async Task A_finished_read_is_shared_with_callers_that_ask_for_a_seq_it_includes()
    {
        var ahead = await _reads.GetAsync(key: 1, lastSeq: 1, () => ReadAtAsync(seq: 3));

        Assert.Same(ahead, await _reads.GetAsync(key: 1, lastSeq: 3, () => ReadAtAsync(seq: 3)));
        Assert.NotSame(ahead, await _reads.GetAsync(key: 1, lastSeq: 4, () => ReadAtAsync(seq: 4)));
    }

    [Fact]
    public async Task A_read_that_failed_is_not_shared()
    {
        await Assert.ThrowsAsync<InvalidTimeZoneException>(
            () => _reads.GetAsync(key: 1, lastSeq: 1, () => throw new InvalidTimeZoneException()));

        Assert.Equal(1, (await _reads.GetAsync(key: 1, lastSeq: 1, () => ReadAtAsync(seq: 1))).Seq);
    }

    private Task<Snapshot> ReadAtAsync(long seq)
    {
        _read.Add(1);
        return Task.FromResult(new Snapshot(new byte[1], seq));
    }

    private Task<Snapshot> ReadAsync(int key, int length, long seq) => _reads.GetAsync(key, seq, () =>
    {
        _read.Add(key);
        return Task.FromResult(new Snapshot(new byte[length], seq));
    });
}
