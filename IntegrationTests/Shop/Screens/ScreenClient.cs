using System.Text.Json.Nodes;
using Kaffediem.IntegrationTests.Support;
using Websocket.Client;

namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>
/// A screen: joins one collection and keeps a store as the front end does (append on create, replace on update, filter
/// on delete; docs/design.md, "The front end"), but notes what the front end would not notice.
/// </summary>
internal sealed class ScreenClient : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<JsonNode> _records = [];
    private readonly List<(long Seq, TaskCompletionSource Reached)> _waiting = [];
    private readonly TaskCompletionSource<JsonNode> _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebsocketClient _socket;
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

    /// <summary>The changes received, as <c>create 7</c>.</summary>
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
            return "[" + string.Join(",", _records.OrderBy(Id).Select(record => record.ToJsonString(Json.Relaxed)))
                + "]";
        }
    }

    public void Dispose() => _socket.Dispose();

    private static long Id(JsonNode record) => (long)record["id"]!;

    private void Receive(JsonNode frame)
    {
        lock (_lock)
        {
            if ((string?)frame[3] == "phx_reply")
            {
                TakeSnapshot(frame[4]!["response"]!);
            }
            else
            {
                TakeChange((string)frame[4]!["action"]!, frame[4]!["record"]!.DeepClone(), (long)frame[4]!["seq"]!);
            }

            foreach (var (_, reached) in _waiting.Where(waiting => waiting.Seq <= _seq))
            {
                reached.TrySetResult();
            }
        }
    }

    private void TakeSnapshot(JsonNode response)
    {
        _records.AddRange((response["items"] as JsonArray ?? []).Select(record => record!.DeepClone()));
        _seq = (long?)response["seq"] ?? 0;
        _joined.TrySetResult(response.DeepClone());
    }

    private void TakeChange(string action, JsonNode record, long seq)
    {
        Changes.Add($"{action} {record["id"]}");
        var known = record["id"] is null ? -1 : _records.FindIndex(old => Id(old) == Id(record));
        if (!_joined.Task.IsCompleted || seq <= _seq || (action == "create") != (known < 0))
        {
            Faults.Add($"{action} {record["id"]} at {seq} after {_seq}, known: {known >= 0}");
        }

        _seq = seq;
        if (action == "delete" && known >= 0)
        {
            _records.RemoveAt(known);
        }
        else if (action == "update" && known >= 0)
        {
            _records[known] = record;
        }
        else
        {
            _records.Add(record);
        }
    }
}
