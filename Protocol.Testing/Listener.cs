namespace Kaffediem.Protocol.Testing;

/// <summary>
/// Joins a topic beside the application's channels, to see its broadcasts: also those that a channel intercepts, or
/// that were not meant for the client that caused them.
/// </summary>
internal sealed class ListenerSocket : PhoenixSocket
{
    public static readonly ChannelRoutes Routes = new ChannelRoutes().Channel<ListenerChannel>("*");

    protected internal override ChannelRoutes Channels => Routes;
}

/// <summary>Lets everyone join, and leaves everything else as it is.</summary>
internal sealed class ListenerChannel : Channel
{
    protected internal override Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken) =>
        Task.FromResult(JoinResult.Ok());
}
