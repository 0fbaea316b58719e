using System.Text.Json;
using Kaffediem.IntegrationTests.Realtime.Property;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Kill;

/// <summary>
/// A screen with the orders and the messages, left to itself: when its connection is gone it comes back as phoenix.js
/// does, and joins again. It never asks for a reload. <see cref="ScreenTopics"/> finds what is told twice, out of order,
/// or cannot follow.
/// </summary>
/// <param name="name">What it is called in a failure.</param>
/// <param name="server">Where the server is, whenever it is.</param>
/// <param name="wire">How it talks.</param>
/// <param name="since">Whether it asks for everything, as the front end does, or for what it has missed.</param>
/// <param name="tally">Where to count.</param>
/// <param name="faults">Where to tell what must not be.</param>
internal sealed class WatchingScreen(string name, Uri server, Wire wire, Since since, Tally tally, Faults faults)
{
    // Only what is hopeless fails: the machine may be busy.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Phoenix: heartbeatIntervalMs (socket.js).
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(30);

    // Phoenix: reconnectAfterMs (socket.js).
    private static readonly int[] Waits = [10, 50, 100, 150, 200, 250, 500, 1000, 2000, 5000];

    // Guards _topics, _isOpen, _opened and _changed: the reader writes them, and the test looks at them.
    private readonly Lock _lock = new();
    private readonly ScreenTopics _topics = new(tally);
    private bool _isOpen;
    private int _opened;
    private TaskCompletionSource? _changed;

    /// <summary>It reads nothing before this has come to its end (default: it reads); what it says it goes on to say.</summary>
    public Task Asleep { get; set; } = Task.CompletedTask;

    /// <summary>Shows what it is told, until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var tries = 0;
        while (!stop.IsCancellationRequested)
        {
            if (await ScreenLine.TryOpenAsync(server, wire) is { } line)
            {
                tries = 0;
                using var ending = stop.Register(line.Cut);
                await WatchAsync(line);
                line.Dispose();
            }

            await Task.WhenAny(Task.Delay(Waits[Math.Min(tries++, Waits.Length - 1)], stop));
        }
    }

    /// <summary>Waits until it has noticed that the server is gone.</summary>
    /// <returns>The last seq that it was told.</returns>
    public async Task<long> LoseAsync()
    {
        await UntilAsync(() => _isOpen ? "is still connected" : null);
        lock (_lock)
        {
            _opened = 0;
            return _topics.Wanted.Max(topic => topic.State?.Seq ?? 0);
        }
    }

    /// <summary>Waits until it shows what the lists have, and is joined.</summary>
    /// <returns>How many connections that has taken since it noticed that the server was gone.</returns>
    public async Task<int> ShowAsync(IReadOnlyDictionary<string, RecordList> lists)
    {
        await UntilAsync(() => lists
            .Select(list => Mismatch(_topics.Get(list.Key), list.Value))
            .FirstOrDefault(mismatch => mismatch is not null));
        lock (_lock)
        {
            return _opened;
        }
    }

    /// <summary>Waits until it shows a record.</summary>
    public Task ShowAsync(string collection, long id) => UntilAsync(() =>
        _topics.Get(collection).State?.Records.ContainsKey(id) is true ? null : $"does not show {collection} {id}");

    /// <summary>Waits until it has been told of a change.</summary>
    public Task ReachAsync(string collection, long seq) => UntilAsync(() =>
        _topics.Get(collection).State?.Seq >= seq ? null : $"has not been told of change {seq}, {collection}");

    /// <summary>What it was told, a part for every join.</summary>
    public IReadOnlyList<Told> ToldOf(string collection)
    {
        lock (_lock)
        {
            return [.. _topics.Get(collection).Told];
        }
    }

    private static string? Mismatch(ScreenTopic topic, RecordList list) => !topic.IsJoined
        ? $"has not joined {topic.Collection}"
        : list.Difference(topic.State!.Records) is { } difference ? $"{topic.Collection}: {difference}" : null;

    private async Task UntilAsync(Func<string?> mismatch)
    {
        while (true)
        {
            Task changed;
            string? wrong;
            lock (_lock)
            {
                wrong = mismatch();
                changed = (_changed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            faults.Verify();
            if (wrong is null)
            {
                return;
            }

            Assert.True(await Task.WhenAny(changed, Task.Delay(Patience)) == changed, $"{name} {wrong}");
        }
    }

    private async Task WatchAsync(ScreenLine line)
    {
        Locked(() => (_isOpen, _opened) = (true, _opened + 1));
        foreach (var collection in KillRun.Collections)
        {
            await JoinAsync(line, collection);
        }

        using var ended = new CancellationTokenSource();
        var beating = BeatAsync(line, ended.Token);
        while (await ReadAsync(line) is var (@ref, topic, @event, payload))
        {
            Locked(() =>
            {
                try
                {
                    _topics.Receive(@ref, topic, @event, payload);
                }
                catch (Exception exception)
                {
                    faults.Add($"{name}, {topic}: {exception.Message}; what came last: {_topics.Story(topic)}");
                }
            });
        }

        await ended.CancelAsync();
        await beating;
        Locked(() =>
        {
            _isOpen = false;
            _topics.Disconnect();
        });
    }

    private async Task<(string? Ref, string Topic, string Event, JsonElement Payload)?> ReadAsync(ScreenLine line)
    {
        await Asleep;
        return await line.ReadAsync();
    }

    // Who is silent for a minute is taken for gone.
    private async Task BeatAsync(ScreenLine line, CancellationToken ended)
    {
        while (await Task.WhenAny(Task.Delay(Heartbeat, ended)) is { IsCompletedSuccessfully: true })
        {
            string @ref;
            lock (_lock)
            {
                (_, @ref) = _topics.Ask("heartbeat", topic: null, asked: null);
            }

            await line.SendAsync(null, @ref, "phoenix", "heartbeat", "{}");
        }
    }

    private Task JoinAsync(ScreenLine line, string collection)
    {
        Asked asked;
        string? joinRef;
        string @ref;
        lock (_lock)
        {
            var topic = _topics.Get(collection);
            topic.Wanted ??= new ScreenView(collection);
            asked = topic.Ask(topic.Wanted, since, pick: 0);
            (joinRef, @ref) = _topics.Ask("phx_join", topic, asked);
        }

        return line.SendAsync(joinRef, @ref, $"collection:{collection}", "phx_join", asked.Payload);
    }

    private void Locked(Action what)
    {
        lock (_lock)
        {
            what();
            _changed?.TrySetResult();
            _changed = null;
        }
    }
}
