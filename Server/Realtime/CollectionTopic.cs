namespace Kaffediem.Server.Realtime;

/// <summary>The names of the topics: <c>collection:order</c>, <c>collection:menu</c> and so on.</summary>
internal static class CollectionTopic
{
    public const string Pattern = Prefix + "*";

    private const string Prefix = "collection:";

    public static string Of(string collection) => Prefix + collection;

    public static string CollectionOf(string topic) => topic[Prefix.Length..];
}
