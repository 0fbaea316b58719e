using System.Text.Json.Nodes;

namespace Kaffediem.Server.OpenApi;

/// <summary>Finds parts of the document that must exist: the files beside this one contain them.</summary>
internal static class JsonParts
{
    /// <summary>The member at the end of a path of names.</summary>
    /// <exception cref="InvalidOperationException">There is none: the document and the code do not match.</exception>
    public static JsonNode At(this JsonNode node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            node = node[name] ?? throw new InvalidOperationException($"\"{name}\" is missing in {node.GetPath()}.");
        }

        return node;
    }

    /// <summary>Parses JSON that is not <c>null</c>.</summary>
    public static JsonNode Parse(string json) =>
        JsonNode.Parse(json) ?? throw new InvalidOperationException("The JSON is null.");
}
