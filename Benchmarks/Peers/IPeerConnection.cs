namespace Kaffediem.Benchmarks.Peers;

/// <summary>A subscriber's connection, with one of the three ways of sending.</summary>
internal interface IPeerConnection
{
    /// <summary>Queues a frame. Called by one thread at a time, under the broadcaster's lock.</summary>
    void Send(PeerFrame frame);

    /// <summary>Completes when the client has sent something: <c>false</c> if it has ended the connection.</summary>
    Task<bool> ReceiveAsync(CancellationToken cancellationToken);
}
