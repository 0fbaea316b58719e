namespace Kaffediem.Benchmarks.Peers;

/// <summary>A subscriber's connection, by one of the three ways of sending.</summary>
internal interface IPeerConnection
{
    /// <summary>Queues a frame. Called by one thread at a time, under the broadcaster's lock.</summary>
    void Send(PeerFrame frame);

    /// <summary>Ends when the client has something to say: <c>false</c> when that is goodbye.</summary>
    Task<bool> ReceiveAsync(CancellationToken cancellationToken);
}
