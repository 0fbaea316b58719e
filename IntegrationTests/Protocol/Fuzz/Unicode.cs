using System.Text.Json;

namespace Kaffediem.IntegrationTests.Protocol.Fuzz;

/// <summary>Whether all texts of a JSON value are valid Unicode: <c>"\ud800"</c> is JSON, but not text.</summary>
internal static class Unicode
{
    /// <exception cref="InvalidOperationException">One of them is not.</exception>
    public static void Require(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    Require(item);
                }

                break;
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    _ = member.Name;
                    Require(member.Value);
                }

                break;
        }
    }
}
