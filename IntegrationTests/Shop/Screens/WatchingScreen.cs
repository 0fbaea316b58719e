using System.Text.Json;
using Kaffediem.IntegrationTests.Shop.History;

namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>
/// A screen with the orders and the messages that runs by itself: it reconnects as phoenix.js does and joins again. It
/// never sends a reload. <see cref="ScreenTopics"/> finds changes that come twice, out of order, or cannot follow.
/// </summary>
/// <param name="name">Its name in a failure.</param>
/// <param name="server">The server's address; the server may be down.</param>
/// <param name="wire">How it connects.</param>
/// <param name="since">Whether it joins anew, as the front end does, or from the state that it shows.</param>
/// <param name="tally">Counts what was exercised.</param>
/// <param name="faults">Collects what must not happen.</param>
/// <param name="history">Records what it sends and receives.</param>
internal sealed class WatchingScreen(
    string name, Uri server, Wire wire, ResumeFrom since, Tally tally, Faults faults, ShopHistory? history = null)
{
    /// <summary>The collections that it shows.</summary>
    public static readonly IReadOnlyList<string> Collections = ["order", "message"];

    // Phoenix: heartbeatIntervalMs (socket.js).
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(30);

    // Phoenix: reconnectAfterMs (socket.js).
    private static readonly int[] Waits = [10, 50, 100, 150, 200, 250, 500, 1000, 2000, 5000];

    private readonly WatchedTopics _watched = new(name, tally, faults, patience: TimeSpan.FromSeconds(60));
    private readonly ClientHistory? _history = history is null ? null : new(name, history);

    // Read and written under the topics' lock.
    private bool _isOpen;
    private int _opened;
    private int? _closeCode;

    public string Name => name;

    /// <summary>From when it shows orders, for example <see cref="ScreenView.Today"/> (default: all).</summary>
    public string? OrdersFrom { get; init; }

    /// <summary>Headers of its requests, for example a session's cookie.</summary>
    public (string Name, string? Value)[] Headers { get; init; } = [];

    public bool IsOpen => _watched.Use(_ => _isOpen);

    /// <summary>The close code of the last connection, if the server has sent one.</summary>
    public int? CloseCode => _watched.Use(_ => _closeCode);

    /// <summary>It reads nothing before this completes; it goes on sending (default: it reads).</summary>
    public Task Asleep { get; set; } = Task.CompletedTask;

    public async Task RunAsync(CancellationToken stop)
    {
        var tries = 0;
        while (!stop.IsCancellationRequested)
        {
            if (await ScreenLine.TryOpenAsync(server, wire, Headers) is { } line)
            {
                tries = 0;
                using var ending = stop.Register(line.Cut);
                await WatchAsync(line);
                line.Dispose();
            }

            await Task.WhenAny(Task.Delay(Waits[Math.Min(tries++, Waits.Length - 1)], stop));
        }
    }

    /// <summary>Waits until it has noticed that the server is down.</summary>
    /// <returns>The last seq that it received.</returns>
    public async Task<long> LoseAsync()
    {
        await UntilAsync(_ => _isOpen ? "is still connected" : null);
        return _watched.Use(topics =>
        {
            _opened = 0;
            return topics.Wanted.Max(topic => topic.State?.Seq ?? 0);
        });
    }

    /// <summary>Waits until it is joined and shows the records of the lists.</summary>
    /// <returns>How many connections it has opened since <see cref="LoseAsync"/>.</returns>
    public async Task<int> ShowAsync(IReadOnlyDictionary<string, RecordList> lists)
    {
        await UntilAsync(topics => lists
            .Select(list => topics.Get(list.Key).Mismatch(list.Value))
            .FirstOrDefault(mismatch => mismatch is not null));
        return _watched.Use(_ => _opened);
    }

    /// <summary>Waits until it shows a record.</summary>
    public Task ShowAsync(string collection, long id) => UntilAsync(topics =>
        topics.Get(collection).State?.Records.ContainsKey(id) is true ? null : $"does not show {collection} {id}");

    /// <summary>Waits until it has received a change.</summary>
    public Task ReachAsync(string collection, long seq) => UntilAsync(topics =>
        topics.Get(collection).State?.Seq >= seq ? null : $"has not received change {seq}, {collection}");

    /// <summary>The changes that it received, a part for every join.</summary>
    public IReadOnlyList<ReceivedRange> ReceivedOf(string collection) =>
        _watched.Use<IReadOnlyList<ReceivedRange>>(topics => [.. topics.Get(collection).Received]);

    // A fault of another client ends the wait, too.
    private Task UntilAsync(Func<ScreenTopics, string?> mismatch) => _watched.UntilAsync(topics =>
    {
        faults.Verify();
        return mismatch(topics);
    });

    private async Task WatchAsync(ScreenLine line)
    {
        _watched.Change(_ => (_isOpen, _opened) = (true, _opened + 1));
        foreach (var collection in Collections)
        {
            await JoinAsync(line, collection);
        }

        using var ended = new CancellationTokenSource();
        var beating = BeatAsync(line, ended.Token);
        while (await ReadAsync(line) is var (@ref, topic, @event, payload))
        {
            _history?.Hears(topic, @event, payload);
            _watched.Receive(@ref, topic, @event, payload);
        }

        await ended.CancelAsync();
        await beating;
        _history?.Loses(line.CloseCode);
        _watched.Change(topics =>
        {
            topics.Disconnect();
            return (_isOpen, _closeCode) = (false, line.CloseCode);
        });
    }

    private async Task<(string? Ref, string Topic, string Event, JsonElement Payload)?> ReadAsync(ScreenLine line)
    {
        await Asleep;
        return await line.ReadAsync();
    }

    // The server closes a connection that is silent for a minute.
    private async Task BeatAsync(ScreenLine line, CancellationToken ended)
    {
        while (await Task.WhenAny(Task.Delay(Heartbeat, ended)) is { IsCompletedSuccessfully: true })
        {
            await line.SendAsync(_watched.Use(topics => topics.Beat()));
        }
    }

    private Task JoinAsync(ScreenLine line, string collection)
    {
        var view = new ScreenView(collection, collection == ScreenView.Order ? OrdersFrom : null);
        var message = _watched.Use(topics => topics.Join(view, since));
        var request = message.Request!; // every well-formed join has one
        _history?.Joins(collection, request.Since == ResumeFrom.Nothing ? null : request.Base);
        return line.SendAsync(message);
    }
}
