using System.Text.Json.Nodes;

namespace Kaffediem.IntegrationTests.Protocol.PubSub;

/// <summary>
/// The guarantee for every client, however many join and leave at once: it learns of each presence exactly once that it
/// has joined, by state or by diff, and exactly once that it has left (docs/design.md, "What must always be true").
/// </summary>
public sealed class PresenceOrderTests
{
    private const int Rounds = 30;

    [Theory]
    [InlineData("first")]
    [InlineData("last")]
    public async Task Every_client_sees_each_presence_join_once_and_leave_once(string state)
    {
        await using var app = await PhoenixApp.StartAsync();
        using var watcher = await app.ConnectAsync();
        await watcher.JoinAsync("presence:a");
        var watching = WatchAsync(watcher, until: "marker");

        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => ComeAndGoAsync(app, $"key{i % 3}", state)));
        using var marker = await app.ConnectAsync();
        await marker.JoinAsync("presence:a", payload: """{"key":"marker"}""");
        var view = await watching;

        Assert.Equal(["marker"], view.Keys);
        Assert.Equal(["marker"], app.Presence.List("presence:a").Keys);
        var metas = app.Presence.List("presence:a")["marker"];
        Assert.Equal(metas.Select(meta => (string?)meta["phx_ref"]), view.RefsOf("marker"));
    }

    [Fact]
    public async Task Each_presence_leaves_once_when_many_connections_break_at_once()
    {
        const int Count = 200;
        await using var app = await PhoenixApp.StartAsync(options => options.MaxPresencesPerKey = Count);
        using var watcher = await app.ConnectAsync();
        await watcher.JoinAsync("presence:a");
        var view = new PresenceView();
        view.Apply(await watcher.ReceiveAsync());
        var clients = await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => app.ConnectAsync()));
        await Task.WhenAll(clients.Select(client => client.JoinAsync("presence:a", payload: """{"key":"ann"}""")));
        while (view.RefsOf("ann").Count() < Count)
        {
            view.Apply(await watcher.ReceiveAsync());
        }

        foreach (var client in clients)
        {
            client.Frames.Reset();
        }

        while (view.Keys.Any())
        {
            view.Apply(await watcher.ReceiveAsync());
        }

        Assert.Empty(app.Presence.List("presence:a"));
        await watcher.AssertSilentAsync();
    }

    [Fact]
    public async Task Diffs_come_in_the_order_of_the_joins_and_leaves()
    {
        await using var app = await PhoenixApp.StartAsync();
        using var watcher = await app.ConnectAsync();
        using var client = await app.ConnectAsync();
        await watcher.JoinAsync("presence:a");
        await watcher.ReceiveAsync();

        for (var i = 0; i < Rounds; i++)
        {
            await client.SendAsync($"{i}", $"{i}", "presence:a", "phx_join", """{"key":"ann","state":"none"}""");
        }

        // Each join ends the previous one, whose presence leaves before the next one joins.
        var isPresent = false;
        for (var i = 0; i < 2 * Rounds - 1; i++)
        {
            var diff = (await watcher.ReceiveAsync()).Payload!;
            Assert.Equal(isPresent ? 0 : 1, diff["joins"]!.AsObject().Count);
            Assert.Equal(isPresent ? 1 : 0, diff["leaves"]!.AsObject().Count);
            isPresent = !isPresent;
        }
    }

    // Rejoins repeatedly, now and then without a leave before, and reads all messages until the last reply. Each join
    // begins with a state.
    private static async Task ComeAndGoAsync(PhoenixApp app, string key, string state)
    {
        using var client = await app.ConnectAsync();
        var payload = $$"""{"key":"{{key}}","state":"{{state}}"}""";
        for (var i = 0; i < Rounds; i++)
        {
            await client.SendAsync($"\"{i}\"", $"\"{i}\"", "presence:a", "phx_join", payload);
            await client.SendAsync($"\"{i}\"", $"\"update{i}\"", "presence:a", "count", $$"""{"key":"{{key}}"}""");
            if (i % 3 != 0)
            {
                await client.SendAsync($"\"{i}\"", $"\"leave{i}\"", "presence:a", "phx_leave");
            }
        }

        // The reply to the last join proves that all joins before it have ended.
        await client.SendAsync("\"last\"", "\"last\"", "presence:a", "phx_join", "{}");
        var view = new PresenceView();
        while (true)
        {
            var message = await client.ReceiveAsync();
            view.Apply(message);
            if (message.Event == "phx_reply" && (string?)message.Ref == (string?)message.JoinRef)
            {
                view = new PresenceView(); // a new join
            }

            if ((string?)message.Ref == "last")
            {
                return;
            }
        }
    }

    private static async Task<PresenceView> WatchAsync(WireClient watcher, string until)
    {
        var view = new PresenceView();
        do
        {
            view.Apply(await watcher.ReceiveAsync());
        }
        while (!view.Keys.Contains(until));
        return view;
    }
}

/// <summary>
/// The presences that one client sees, kept like phoenix.js keeps them (assets/js/phoenix/presence.js), but strict: a
/// meta that joins twice, or leaves without having joined, is an error. (phoenix.js up to 1.3 would count such a meta
/// twice.)
/// </summary>
internal sealed class PresenceView
{
    private Dictionary<string, List<string>>? _refs;

    /// <summary>Whether the state has arrived.</summary>
    public bool IsSynced => _refs is not null;

    public IEnumerable<string> Keys => _refs!.Keys.Order(StringComparer.Ordinal);

    public IEnumerable<string> RefsOf(string key) => _refs!.GetValueOrDefault(key) ?? [];

    public void Apply(WireMessage message)
    {
        switch (message.Event)
        {
            case "presence_state":
                _refs = Refs(message.Payload).ToDictionary(key => key.Key, key => key.Refs.ToList());
                break;
            case "presence_diff":
                Apply(message.Payload!.AsObject());
                break;
        }
    }

    private void Apply(JsonObject diff)
    {
        Assert.Equal(["joins", "leaves"], diff.Select(member => member.Key));
        Assert.True(IsSynced, "a diff came before the state");
        foreach (var (key, refs) in Refs(diff["joins"]))
        {
            Assert.Empty(refs.Intersect(RefsOf(key)));
            _refs![key] = [.. RefsOf(key), .. refs];
        }

        foreach (var (key, refs) in Refs(diff["leaves"]))
        {
            Assert.Empty(refs.Except(RefsOf(key)));
            _refs![key] = [.. RefsOf(key).Except(refs)];
            if (_refs[key].Count == 0)
            {
                _refs.Remove(key);
            }
        }
    }

    private static IEnumerable<(string Key, string[] Refs)> Refs(JsonNode? presences)
    {
        foreach (var (key, presence) in presences!.AsObject())
        {
            Assert.Equal(["metas"], presence!.AsObject().Select(member => member.Key));
            var refs = presence["metas"]!.AsArray().Select(meta => (string)meta!["phx_ref"]!).ToArray();
            Assert.NotEmpty(refs);
            Assert.Equal(refs.Distinct(), refs);
            yield return (key, refs);
        }
    }
}
