namespace Kaffediem.Protocol;

/// <summary>A channel of an application's own socket, which it can use without a cast.</summary>
/// <typeparam name="TSocket">The socket that routes to the channel; of another socket, every join crashes.</typeparam>
public abstract class Channel<TSocket> : Channel
    where TSocket : PhoenixSocket
{
    /// <inheritdoc cref="Channel.Socket"/>
    public new TSocket Socket => (TSocket)base.Socket;
}
