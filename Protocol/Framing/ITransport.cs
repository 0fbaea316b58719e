namespace Kaffediem.Protocol;

/// <summary>How frames reach one client, and how its connection ends. Thread-safe; nothing here blocks.</summary>
internal interface ITransport
{
    /// <summary>Whether the connection is ending: messages that still arrive are ignored.</summary>
    bool IsClosing { get; }

    /// <summary>How many bytes wait to be sent.</summary>
    long PendingBytes { get; }

    /// <summary>Whether binary frames reach the client. Long-poll carries text only.</summary>
    bool SupportsBinary { get; }

    /// <summary>Whether several frames, one after the other, may be sent as one: they leave unchanged.</summary>
    bool AcceptsRuns { get; }

    /// <summary>Queues a frame.</summary>
    /// <param name="frame">The frame, or several where <see cref="AcceptsRuns"/> says so.</param>
    /// <param name="isReply">Whether it is a reply, which the client asked for.</param>
    void Send(in Frame frame, bool isReply = false);

    /// <summary>Ends the connection, once; later calls do nothing.</summary>
    void Close(CloseReason reason);

    /// <summary>Ends the connection if the client was silent or read nothing for too long. Called by a timer.</summary>
    void CloseIfOverdue();
}
