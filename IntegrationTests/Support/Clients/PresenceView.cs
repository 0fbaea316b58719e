using System.Text.Json.Nodes;

namespace Kaffediem.IntegrationTests.Support.Clients;

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
