using System.Net;
using Kaffediem.IntegrationTests.Persistence;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Kaffediem.Server.Admission;
using Microsoft.Extensions.Logging.Abstractions;
using static Kaffediem.IntegrationTests.Persistence.TestDatabase;

namespace Kaffediem.IntegrationTests.Admission;

/// <summary>
/// The line of waiting reads: addresses take turns, and reads of clients that have left are not begun.
/// </summary>
public sealed class ReadQueueTests : IAsyncDisposable
{
    private static readonly Asker A = Asker.OfStranger(IPAddress.Parse("2001:db8::1"));
    private static readonly Asker SameNetwork = Asker.OfStranger(IPAddress.Parse("2001:db8::2"));
    private static readonly Asker B = Asker.OfStranger(IPAddress.Parse("192.0.2.1"));
    private static readonly Asker C = Asker.OfStranger(IPAddress.Parse("192.0.2.2"));

    private readonly TestDatabase _test = new();
    private readonly LongReads _reads;
    private readonly List<string> _order = [];
    private readonly ManualResetEventSlim _gate = new();

    public ReadQueueTests() => _reads = new LongReads(
        _test.Database,
        sessions: null!,
        new ReadOptions { MaxWaiting = 12, MaxWaitingPerAddress = 8 },
        _test.Time,
        NullLogger<LongReads>.Instance);

    public async ValueTask DisposeAsync()
    {
        _gate.Set();
        await _test.DisposeAsync();
        _gate.Dispose();
    }

    [Fact]
    public async Task Addresses_take_turns()
    {
        await HoldAsync();
        List<Task> all = [];
        (Asker, string)[] reads =
            [(A, "a1"), (A, "a2"), (SameNetwork, "a3"), (A, "a4"), (B, "b1"), (C, "c1"), (B, "b2")];
        foreach (var (asker, name) in reads)
        {
            all.Add(ReadAsync(asker, name));
        }

        _gate.Set();
        await Task.WhenAll(all).WaitAsync(Patience.Limit, Token);

        Assert.Equal(["a1", "b1", "c1", "a2", "b2", "a3", "a4"], _order);
    }

    [Fact]
    public async Task Shared_read_is_served_at_the_earliest_turn_of_its_addresses()
    {
        await HoldAsync();
        List<Task> all = [ReadAsync(A, "a1"), ReadAsync(A, "a2")];
        var shared = Plan("shared");
        Assert.True(_reads.TryJoin(shared, A));
        Assert.True(_reads.TryJoin(shared, B));
        all.AddRange([shared.WaitAsync(Token), shared.WaitAsync(Token)]);

        _gate.Set();
        await Task.WhenAll(all).WaitAsync(Patience.Limit, Token);

        Assert.Equal(["a1", "shared", "a2"], _order);
    }

    [Fact]
    public async Task Abandoned_reads_are_not_begun_and_free_their_places()
    {
        await HoldAsync();
        using var left = new CancellationTokenSource();
        var abandoned = Enumerable.Range(0, 8).Select(i => ReadAsync(A, $"left{i}", left.Token)).ToList();
        await Assert.ThrowsAsync<ReadRefusedException>(() => ReadAsync(A, "refused"));

        await left.CancelAsync();
        foreach (var read in abandoned)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        }

        var stayed = ReadAsync(A, "stayed");
        Assert.Equal(1, _reads.QueueOf(ReadLane.Bulk).Waiting);
        _gate.Set();
        await stayed.WaitAsync(Patience.Limit, Token);

        Assert.Equal(["stayed"], _order);
        Assert.Equal(2, _reads.QueueOf(ReadLane.Bulk).Begun); // including the read that held the turn
    }

    [Fact]
    public async Task Line_is_bounded_per_address_and_in_total_and_a_shared_read_counts_once()
    {
        await HoldAsync();
        var shared = Plan("shared");
        List<Task> all = [];
        for (var i = 0; i < 500; i++)
        {
            Assert.True(_reads.TryJoin(shared, A));
            all.Add(shared.WaitAsync(Token));
        }

        all.AddRange(Enumerable.Range(0, 7).Select(i => ReadAsync(A, $"a{i}")));
        await Assert.ThrowsAsync<ReadRefusedException>(() => ReadAsync(A, "one too many for the address"));
        Assert.True(_reads.TryJoin(shared, A));
        all.Add(shared.WaitAsync(Token));
        all.AddRange(Enumerable.Range(0, 4).Select(i => ReadAsync(B, $"b{i}")));
        await Assert.ThrowsAsync<ReadRefusedException>(() => ReadAsync(C, "one too many in all"));

        _gate.Set();
        await Task.WhenAll(all).WaitAsync(Patience.Limit, Token);
        Assert.Equal(12, _order.Count);
    }

    [Fact]
    public async Task Users_do_not_wait_behind_strangers()
    {
        await HoldAsync();
        var stranger = ReadAsync(A, "stranger");

        await ReadAsync(Asker.OfUser(1), "user").WaitAsync(Patience.Limit, Token);

        Assert.False(stranger.IsCompleted);
        _gate.Set();
        await stranger.WaitAsync(Patience.Limit, Token);
        Assert.Equal(["user", "stranger"], _order);
    }

    // Occupies the strangers' only turn.
    private async Task HoldAsync()
    {
        var begun = new TaskCompletionSource();
        _ = _reads.ReadAsync(C, _ =>
        {
            begun.SetResult();
            return _gate.Wait(Patience.Limit);
        }, Token);
        await begun.Task.WaitAsync(Patience.Limit, Token);
    }

    private Task<int> ReadAsync(Asker asker, string name, CancellationToken cancellationToken = default) =>
        _reads.ReadAsync(asker, _ => Note(name), cancellationToken);

    private AwaitedRead<int> Plan(string name) => _reads.Plan(ReadLane.Bulk, _ => Note(name));

    private int Note(string name)
    {
        lock (_order)
        {
            _order.Add(name);
            return _order.Count;
        }
    }
}
