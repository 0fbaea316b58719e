namespace Kaffediem.IntegrationTests.Support;

/// <summary>How long tests wait for an event before they fail.</summary>
internal static class Patience
{
    /// <summary>For everything the server does at once: a loaded machine takes a few seconds.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Where a server in real time first has to reach one of its own timeouts; the longest is 60 s.</summary>
    public static readonly TimeSpan ForTimeouts = TimeSpan.FromMinutes(3);
}
