using System.Text.Json.Nodes;

namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>
/// A client of the event stream that keeps a list per collection, as <see cref="ScreenClient"/> does for one, and notes
/// what a careless client would not notice.
/// </summary>
internal sealed class SseScreen(SseClient client) : IDisposable
{
    private readonly Dictionary<string, RecordStore> _lists = [];
    private readonly Dictionary<string, long> _seqs = [];
    private long _position;

    /// <summary>
    /// What must never happen: a record twice, a change of an unknown one, a seq or an id that goes backwards.
    /// </summary>
    public List<string> Faults { get; } = [];

    /// <summary>All events.</summary>
    public List<SseEvent> Events { get; } = [];

    /// <summary>The last menu.</summary>
    public JsonNode? Menu { get; private set; }

    public static async Task<SseScreen> OpenAsync(HttpClient http, string query, string? lastEventId = null) =>
        new(await SseClient.OpenAsync(http, query, lastEventId));

    /// <summary>Reads until the list of a collection has a seq, by its snapshot or a change.</summary>
    public async Task<SseScreen> ReachAsync(string collection, long seq)
    {
        while (_seqs.GetValueOrDefault(collection) < seq)
        {
            Apply((await client.ReadAsync())!);
        }

        return this;
    }

    /// <summary>Reads some events.</summary>
    public async Task<SseScreen> ReadAsync(int count)
    {
        for (; count > 0; count--)
        {
            Apply((await client.ReadAsync())!);
        }

        return this;
    }

    /// <summary>The list, ordered by id.</summary>
    public string Records(string collection) => $"{_lists[collection]}";

    public void Dispose() => client.Dispose();

    private void Apply(SseEvent @event)
    {
        Events.Add(@event);
        if (@event.Position < _position
            || (@event.Name == "change" && @event.Seq <= _seqs.GetValueOrDefault(@event.Collection)))
        {
            Faults.Add($"{@event.LastEventId} after {_position}: {@event.Text}");
        }

        (_position, _seqs[@event.Collection]) = (@event.Position, @event.Seq);
        if (@event.Collection == "menu")
        {
            Menu = @event.Data["items"] ?? @event.Data["record"];
        }
        else if (@event.Name == "snapshot")
        {
            _lists[@event.Collection] = new RecordStore(@event.Data["items"]!.AsArray());
        }
        else if (!List(@event.Collection).Apply((string)@event.Data["action"]!, @event.Data["record"]!))
        {
            Faults.Add($"does not follow: {@event.Text}");
        }
    }

    private RecordStore List(string collection) => _lists.TryGetValue(collection, out var list)
        ? list
        : _lists[collection] = new RecordStore();
}
