using Microsoft.Net.Http.Headers;

namespace Kaffediem.Server.Records;

/// <summary>
/// The condition of a write, <c>If-Match</c> (RFC 9110 §13.1.1): the record has not changed since the client read it.
/// </summary>
internal sealed class IfMatch
{
    public const string Malformed = "must be * or entity tags in double quotes, separated by commas";

    private readonly IList<EntityTagHeaderValue>? _tags;

    private IfMatch(IList<EntityTagHeaderValue>? tags) => _tags = tags;

    /// <summary>Whether there is no condition, or one that every record meets: the last write wins.</summary>
    public bool IsAlwaysMet => _tags is null || _tags.Contains(EntityTagHeaderValue.Any);

    /// <summary>Reads the condition; <c>null</c> when it is malformed: a typo must not let a write through.</summary>
    public static IfMatch? Read(HttpRequest request)
    {
        var header = request.Headers.IfMatch;
        return header.Count == 0 ? new IfMatch(null)
            : EntityTagHeaderValue.TryParseStrictList(header, out var tags) ? new IfMatch(tags)
            : null;
    }

    /// <summary>
    /// Whether a record with this tag may be written. RFC 9110 §13.1.1 demands the strong comparison, which a weak tag
    /// never passes. This server sends strong tags only: a weak one of its own was made weak by a proxy that compressed
    /// the answer (as nginx does), and still names one version of the record. Refusing it would refuse every
    /// conditional write behind such a proxy.
    /// </summary>
    public bool IsMetBy(EntityTagHeaderValue current) =>
        _tags is null || IsAlwaysMet || _tags.Any(tag => EntityTags.IsSameVersion(tag, current));
}
