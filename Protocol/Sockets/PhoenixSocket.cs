namespace Kaffediem.Protocol;

/// <summary>
/// One client's connection: what an application derives to say which channels it serves. Every connection gets an
/// instance of its own; its constructor's parameters are singletons of the application.
/// </summary>
public abstract class PhoenixSocket
{
    /// <summary>What the application remembers about the connection. Every channel begins with a copy of it.</summary>
    public Assigns Assigns { get; } = new();

    /// <summary>Which channel serves which topic; the same object for all instances, made once.</summary>
    protected internal abstract ChannelRoutes Channels { get; }
}
