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

    private Task<Snapshot> ReadAsync(int key, int length, long seq) => _reads.GetAsync(key, seq, () =>
    {
        _read.Add(key);
        return Task.FromResult(new Snapshot(new byte[length], seq));
    });
}
