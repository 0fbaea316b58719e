using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Support;
using Websocket.Client;

namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>A screen with one collection, over a WebSocket library that is not ours.</summary>
internal sealed class ScreenClient : IDisposable
{
    // Guards everything below: the library reports messages on its own threads.
    private readonly Lock _lock = new();
    private readonly List<(long Seq, TaskCompletionSource Reached)> _waiting = [];
    private readonly TaskCompletionSource<JsonNode> _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebsocketClient _socket;
    private RecordStore _records = new();
    private long _seq;

    private ScreenClient(Uri server)
    {
        var uri = new UriBuilder(server) { Scheme = "ws", Path = "/socket/websocket", Query = "vsn=2.0.0" }.Uri;
        _socket = new WebsocketClient(uri) { IsReconnectionEnabled = false };
        _socket.MessageReceived.Subscribe(message => Receive(JsonNode.Parse(message.Text!)!));
    }

    /// <summary>
    /// What must never happen: a record twice, a change of an unknown record, a seq that does not grow.
    /// </summary>
    public List<string> Faults { get; } = [];

    /// <summary>The changes received, for example <c>create 7</c>.</summary>
    public List<string> Changes { get; } = [];

    /// <summary>The response of the join.</summary>
    public JsonNode Joined => _joined.Task.Result;

    public static async Task<ScreenClient> JoinAsync(Uri server, string collection, string options = "{}")
    {
        var screen = new ScreenClient(server);
        await screen._socket.StartOrFail();
        screen._socket.Send($$"""["1","1","collection:{{collection}}","phx_join",{"options":{{options}}}]""");
        await screen._joined.Task.WaitAsync(Patience.Limit);
        return screen;
    }

    /// <summary>Waits until the snapshot or a change has reached a seq.</summary>
    public Task ReachAsync(long seq)
    {
        lock (_lock)
        {
            if (_seq >= seq)
            {
                return Task.CompletedTask;
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((seq, reached));
            return reached.Task.WaitAsync(Patience.Limit);
        }
    }

    /// <summary>The store, ordered by id.</summary>
    public string Records()
    {
        lock (_lock)
        {
            return $"{_records}";
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Receive(JsonNode frame)
    {
        lock (_lock)
        {
            if ((string?)frame[3] == "phx_reply")
            {
                var response = frame[4]!["response"]!;
                _records = new RecordStore(response["items"] as JsonArray);
                _seq = (long?)response["seq"] ?? 0;
                _joined.TrySetResult(response.DeepClone());
            }
            else
            {
                ApplyChange((string)frame[4]!["action"]!, frame[4]!["record"]!, (long)frame[4]!["seq"]!);
            }

            foreach (var (_, reached) in _waiting.Where(waiting => waiting.Seq <= _seq))
            {
                reached.TrySetResult();
            }
        }
    }

    private void ApplyChange(string action, JsonNode record, long seq)
    {
        var change = $"{action} {record["id"]}";
        Changes.Add(change);
        var follows = _records.Apply(action, record);
        if (!_joined.Task.IsCompleted || seq <= _seq || !follows)
        {
            Faults.Add($"{change} at {seq} after {_seq}, follows: {follows}");
        }

        _seq = seq;
    }
}
