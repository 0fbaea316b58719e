using Microsoft.Extensions.Primitives;

namespace Kaffediem.Protocol;

/// <summary><c>?vsn=</c> to serializer, or refusal (spec/protocol.md section 1, version negotiation).</summary>
internal static class SerializerNegotiation
{
    /// <param name="vsn">The values of <c>vsn</c> in the query; of several the last counts.</param>
    /// <returns><c>null</c> when the version is no <c>X.Y.Z</c> or none that is spoken here.</returns>
    public static ISerializer? Negotiate(StringValues vsn)
    {
        if (vsn.Count == 0)
        {
            return V1JsonSerializer.Instance;
        }

        // Phoenix: ~> 1.0.0 and ~> 2.0.0, so the patch is free and a pre-release is not (Version.match?/2).
        return vsn[^1]?.Split('.') is [var major, "0", var patch] && IsNumber(patch)
            ? major switch
            {
                "1" => V1JsonSerializer.Instance,
                "2" => V2JsonSerializer.Instance,
                _ => null,
            }
            : null;
    }

    // Semantic versions have no leading zeros.
    private static bool IsNumber(string text) =>
        text.Length > 0 && text.All(char.IsAsciiDigit) && (text.Length == 1 || text[0] != '0');
}
