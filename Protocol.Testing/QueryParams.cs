using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kaffediem.Protocol.Testing;

/// <summary>
/// Connect params on their way through a query, as phoenix.js writes them there (assets/js/phoenix/ajax.js, serialize):
/// <c>{user: {id: 7}}</c> is <c>user[id]=7</c>, <c>[1, 2]</c> has the keys 0 and 1, and all values become text.
/// </summary>
internal sealed class QueryParams
{
    private readonly List<(string Key, string Value)> _pairs = [];

    public QueryParams(object? parameters)
    {
        switch (parameters as JsonNode ?? JsonSerializer.SerializeToNode(parameters))
        {
            case JsonObject json: Add("", json); break;
            case null: break;
            default: throw new ArgumentException("Params are an object.", nameof(parameters));
        }
    }

    public JsonObject Nest(string version) => ConnectParams.Nest([.. _pairs, ("vsn", version)]);

    public override string ToString() => string.Join('&', _pairs.Select(
        pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value)}"));

    private void Add(string key, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject json:
                foreach (var (name, value) in json)
                {
                    Add(key.Length == 0 ? name : $"{key}[{name}]", value);
                }

                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    Add(string.Create(CultureInfo.InvariantCulture, $"{key}[{i}]"), list[i]);
                }

                break;
            case not null:
                _pairs.Add((key, node.ToString()));
                break;
        }
    }
}
