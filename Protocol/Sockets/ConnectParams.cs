using System.Text.Json.Nodes;

namespace Kaffediem.Protocol;

/// <summary>
/// Turns query parameters into nested values, as Rails and Phoenix do (docs/protocol.md, "Connecting"; plug
/// <c>lib/plug/conn/query.ex</c>): <c>a[b]=1</c> is an object, <c>a[]=1</c> a list, and of two that disagree the last
/// one counts.
/// </summary>
internal static class ConnectParams
{
    // phoenix.js nests a few levels at most. A deeper key is one name, brackets included.
    private const int MaxDepth = 32;

    public static JsonObject Nest(IEnumerable<(string Key, string Value)> pairs)
    {
        var root = new JsonObject();
        foreach (var (key, value) in pairs)
        {
            if (key.Length > 0)
            {
                Put(root, Split(key), value);
            }
        }

        return root;
    }

    // a[b][c] is a, b, c; a[] is a and an empty part. A malformed key is one name: "a[b", "a]b", "[a]".
    private static string[] Split(string key)
    {
        var open = key.IndexOf('[', StringComparison.Ordinal);
        if (open <= 0 || key[^1] != ']')
        {
            return [key];
        }

        string[] parts = [key[..open], .. key[(open + 1)..^1].Split("][")];
        var isWellFormed = parts.Length <= MaxDepth
            && parts.Skip(1).All(part => part.AsSpan().IndexOfAny('[', ']') < 0);
        return isWellFormed ? parts : [key];
    }

    private static void Put(JsonObject root, ReadOnlySpan<string> path, string value)
    {
        JsonNode node = root;
        for (var i = 0; i < path.Length - 1; i++)
        {
            node = Child(node, path[i], isList: path[i + 1].Length == 0);
        }

        Set(node, path[^1], value);
    }

    private static JsonNode Child(JsonNode node, string name, bool isList)
    {
        // In a list, every element is a new one.
        var child = node is JsonObject known ? known[name] : null;
        switch (child)
        {
            case JsonArray when isList:
            case JsonObject when !isList:
                return child;
        }

        JsonNode created = isList ? new JsonArray() : new JsonObject();
        Set(node, name, created);
        return created;
    }

    private static void Set(JsonNode node, string name, JsonNode value)
    {
        if (node is JsonArray list)
        {
            list.Add(value);
        }
        else
        {
            node.AsObject()[name] = value;
        }
    }
}
