using System.Text.Json;
using Kaffediem.IntegrationTests.Shop.History;

namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>
/// A screen with the orders and the messages, left to itself: when its connection is gone it comes back as phoenix.js
/// does, and joins again. It never asks for a reload. <see cref="ScreenTopics"/> finds what is told twice, out of
/// order, or cannot follow.
/// </summary>
/// <param name="name">What it is called in a failure.</param>
/// <param name="server">Where the server is, whenever it is.</param>
/// <param name="wire">How it talks.</param>
/// <param name="since">Whether it asks for everything, as the front end does, or for what it has missed.</param>
/// <param name="tally">Where to count.</param>
/// <param name="faults">Where to tell what must not be.</param>
/// <param name="history">Where to note what it does and is told.</param>
internal sealed class WatchingScreen(
    string name, Uri server, Wire wire, ResumeFrom since, Tally tally, Faults faults, ShopHistory? history = null)
{
    /// <summary>What it shows.</summary>
    public static readonly IReadOnlyList<string> Collections = ["order", "message"];

    // Phoenix: heartbeatIntervalMs (socket.js).
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(30);

    // Phoenix: reconnectAfterMs (socket.js).
    private static readonly int[] Waits = [10, 50, 100, 150, 200, 250, 500, 1000, 2000, 5000];

    private readonly WatchedTopics _watched = new(name, tally, faults, patience: TimeSpan.FromSeconds(60));
    private readonly ClientHistory? _history = history is null ? null : new(name, history);

    // With the topics' lock, as they are.
    private bool _isOpen;
    private int _opened;
    private int? _closeCode;

    public string Name => name;

    /// <summary>Which orders it wants to see, for example <see cref="ScreenView.Today"/> (default: all).</summary>
    public string? OrdersFrom { get; init; }

    /// <summary>Headers of its requests, such as a session's cookie.</summary>
    public (string Name, string? Value)[] Headers { get; init; } = [];

    public bool IsOpen => _watched.Use(_ => _isOpen);

    /// <summary>The code of the last connection's close, if the server has sent one.</summary>
    public int? CloseCode => _watched.Use(_ => _closeCode);

    /// <summary>
    /// It reads nothing before this has come to its end (default: it reads); what it says it goes on to say.
    /// </summary>
    public Task Asleep { get; set; } = Task.CompletedTask;

    /// <summary>Shows what it is told, until it is told to stop.</summary>
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

    /// <summary>Waits until it has noticed that the server is gone.</summary>
    /// <returns>The last seq that it was told.</returns>
    public async Task<long> LoseAsync()
    {
        await UntilAsync(_ => _isOpen ? "is still connected" : null);
        return _watched.Use(topics =>
        {
            _opened = 0;
            return topics.Wanted.Max(topic => topic.State?.Seq ?? 0);
        });
    }

    /// <summary>Waits until it shows what the lists have, and is joined.</summary>
    /// <returns>How many connections that has taken since it noticed that the server was gone.</returns>
    public async Task<int> ShowAsync(IReadOnlyDictionary<string, RecordList> lists)
    {
        await UntilAsync(topics => lists
            .Select(list => Mismatch(topics.Get(list.Key), list.Value))
            .FirstOrDefault(mismatch => mismatch is not null));
        return _watched.Use(_ => _opened);
    }

    /// <summary>Waits until it shows a record.</summary>
    public Task ShowAsync(string collection, long id) => UntilAsync(topics =>
        topics.Get(collection).State?.Records.ContainsKey(id) is true ? null : $"does not show {collection} {id}");

    /// <summary>Waits until it has been told of a change.</summary>
    public Task ReachAsync(string collection, long seq) => UntilAsync(topics =>
        topics.Get(collection).State?.Seq >= seq ? null : $"has not been told of change {seq}, {collection}");

    /// <summary>What it was told, a part for every join.</summary>
    public IReadOnlyList<ReceivedRange> ToldOf(string collection) =>
        _watched.Use<IReadOnlyList<ReceivedRange>>(topics => [.. topics.Get(collection).Told]);

    private static string? Mismatch(ScreenTopic topic, RecordList list) => !topic.IsJoined
        ? $"has not joined {topic.Collection}"
        : list.Difference(topic.State!.Records) is { } difference ? $"{topic.Collection}: {difference}" : null;

    // Somebody else's fault ends the waiting, too.
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

    // Who is silent for a minute is taken for gone.
    private async Task BeatAsync(ScreenLine line, CancellationToken ended)
    {
        while (await Task.WhenAny(Task.Delay(Heartbeat, ended)) is { IsCompletedSuccessfully: true })
        {
            var (_, @ref) = _watched.Use(topics => topics.Ask("heartbeat", topic: null, asked: null));
            await line.SendAsync(null, @ref, "phoenix", "heartbeat", "{}");
        }
    }

    private Task JoinAsync(ScreenLine line, string collection)
    {
        var (asked, (joinRef, @ref)) = _watched.Use(topics =>
        {
            var topic = topics.Get(collection);
            topic.Wanted ??= new ScreenView(collection, collection == ScreenView.Order ? OrdersFrom : null);
            var asked = topic.Ask(topic.Wanted, since, pick: 0);
            return (asked, topics.Ask("phx_join", topic, asked));
        });
        _history?.Joins(collection, asked.Since == ResumeFrom.Nothing ? null : asked.Base);
        return line.SendAsync(joinRef, @ref, $"collection:{collection}", "phx_join", asked.Payload);
    }
}
