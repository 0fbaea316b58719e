namespace Kaffediem.Protocol;

/// <summary>How frames reach one client, and how its connection ends. Thread-safe; nothing here blocks.</summary>
internal interface ITransport
{
    /// <summary>Whether its end has begun: what the client still says no longer matters.</summary>
    bool IsClosing { get; }

    /// <summary>How many bytes wait to be sent.</summary>
    long PendingBytes { get; }

    /// <summary>Whether binary frames reach the client: what long-poll carries is text.</summary>
    bool SupportsBinary { get; }

    /// <summary>Whether what is sent as a frame may be several, one after the other: they leave as they are.</summary>
    bool AcceptsRuns { get; }

    /// <summary>Queues a frame.</summary>
    /// <param name="frame">The frame, or several where <see cref="AcceptsRuns"/> says so.</param>
    /// <param name="isReply">Whether the client asked for it.</param>
    void Send(in Frame frame, bool isReply = false);

    /// <summary>Ends the connection, once; later calls do nothing.</summary>
    void Close(CloseReason reason);

    /// <summary>Ends it if the client was silent or read nothing for too long. Called now and then.</summary>
    void CloseIfOverdue();
}
