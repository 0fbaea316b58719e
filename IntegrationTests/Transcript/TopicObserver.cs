using System.Text.Json.Nodes;
using Kaffediem.Persistence;

namespace Kaffediem.IntegrationTests.Transcript;

/// <summary>
/// The transcript's observer: joined to all collections. Kaffebase sent nothing on four of the topics; what arrives
/// there is new and left out.
/// </summary>
internal sealed class TopicObserver : IDisposable
{
    private static readonly string[] OldTopics = ["menu", "status", "message", "order"];
    private static readonly string[] NewTopics = ["category", "item", "customization_key", "customization_value"];

    private readonly FrameClient _client;
    private readonly Database _database;
    private long _seq;
    private long _catalogSeq;
    private long _menuSeq;

    private TopicObserver(FrameClient client, Database database)
    {
        _client = client;
        _database = database;
        _seq = database.LastSeq;
    }

    public static async Task<TopicObserver> JoinAsync(Uri server, Database database)
    {
        var joins = OldTopics.Concat(NewTopics)
            .Select(collection => $$"""["1","1","collection:{{collection}}","phx_join",{}]""");
        return new TopicObserver(await JoinedClient.JoinedAsync(server, [.. joins]), database);
    }

    /// <summary>The broadcasts since the last call: everything that is committed by now.</summary>
    public async Task<IReadOnlyList<JsonArray>> ReadAsync()
    {
        var frames = new List<JsonArray>();
        while (_seq < _database.LastSeq || _menuSeq < _catalogSeq)
        {
            var frame = JsonNode.Parse(await _client.ReadTextAsync())!.AsArray();
            var collection = ((string)frame[2]!)["collection:".Length..];
            Note(collection, (long)frame[4]!["seq"]!);
            if (OldTopics.Contains(collection))
            {
                frames.Add(frame);
            }
        }

        return frames;
    }

    // The menu is broadcast separately, after the changes that it merges.
    private void Note(string collection, long seq)
    {
        if (collection == "menu")
        {
            _menuSeq = seq;
        }
        else
        {
            _seq = seq;
            _catalogSeq = NewTopics.Contains(collection) ? seq : _catalogSeq;
        }
    }

    public void Dispose() => _client.Dispose();
}
