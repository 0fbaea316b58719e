using Kaffediem.Protocol;

namespace Kaffediem.Server.Pipeline;

/// <summary>
/// Whether a page is on the server's own site, as browsers see it for a cookie's <c>SameSite</c>: the same scheme and
/// the same registrable domain, on whatever port (RFC 6265bis §5.2).
/// </summary>
internal static class Site
{
    /// <summary>Whether any of the origins is on another site than the one the request was made to.</summary>
    public static bool HasOther(HttpRequest request, IEnumerable<string> origins) =>
        Origin.From(request) is { } own && origins.Any(origin => !IsSame(own, Origin.Parse(origin)));

    // Only the list of public suffixes ("no", but also "co.uk") defines which part of a name can be registered. Without
    // that list, hosts are the same site if they are equal or one is below the other. Sisters such as shop.kaffe.no and
    // api.kaffe.no count as two sites, which is safe: SameSite=None is sent within a site, too, and the origin of
    // writes is checked.
    private static bool IsSame(Origin own, Origin origin) =>
        own.Scheme == origin.Scheme
        && (IsSameOrBelow(origin.Host, own.Host) || IsSameOrBelow(own.Host, origin.Host));

    private static bool IsSameOrBelow(string host, string parent) =>
        host == parent
        || (parent.Contains('.') && host.EndsWith($".{parent}", StringComparison.Ordinal));
}
