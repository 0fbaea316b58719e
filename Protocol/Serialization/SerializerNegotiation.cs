using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Kaffediem.Protocol;

/// <summary><c>?vsn=</c> to serializer, or refusal (docs/protocol.md, "Versions").</summary>
internal sealed partial class SerializerNegotiation
{
    private const string Missing = "1.0.0";

    private readonly V1JsonSerializer _v1;
    private readonly V2JsonSerializer _v2;

    public SerializerNegotiation(PhoenixOptions options)
    {
        var reading = new JsonReaderOptions { MaxDepth = options.MaxJsonDepth };
        (_v1, _v2) = (new V1JsonSerializer(reading), new V2JsonSerializer(reading));
    }

    /// <param name="vsn">The parameter <c>vsn</c>.</param>
    /// <returns><c>null</c> when it is not a semantic version, or a version that is not supported.</returns>
    public ISerializer? Negotiate(JsonNode? vsn)
    {
        var match = SemanticVersion().Match(ReadText(vsn));
        if (!match.Success || !IsAtLeastZero(match))
        {
            return null;
        }

        return match.Groups["major"].Value switch
        {
            "1" => _v1,
            "2" => _v2,
            _ => null,
        };
    }

    // A list is not a version (Phoenix 1.8.6).
    private static string ReadText(JsonNode? vsn)
    {
        if (vsn is null)
        {
            return Missing;
        }

        return vsn is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
    }

    // ~> X.0.0 (Elixir's Version.match?/2): any patch, and a pre-release only of a patch above 0, because X.0.0-rc
    // comes before X.0.0.
    private static bool IsAtLeastZero(Match version) =>
        version.Groups["minor"].Value == "0"
            && !(version.Groups["patch"].Value == "0" && version.Groups["pre"].Success);

    // semver.org, item 2, 9 and 10: MAJOR.MINOR.PATCH without leading zeros, then "-" pre-release and "+" build,
    // dotted.
    [GeneratedRegex("""
        \A(?<major>0|[1-9][0-9]*)\.(?<minor>0|[1-9][0-9]*)\.(?<patch>0|[1-9][0-9]*)
        (-(?<pre>(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*))?
        (\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?\z
        """, RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace | RegexOptions.NonBacktracking)]
    private static partial Regex SemanticVersion();
}
