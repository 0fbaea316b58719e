namespace Kaffediem.Protocol;

/// <summary>
/// The client sent a frame that is not a message of the protocol. Its socket is closed with 1011, in one place
/// (docs/protocol.md, "Events": such a client hurts only itself).
/// </summary>
internal sealed class InvalidMessageException : Exception
{
    public InvalidMessageException(string message)
        : base(message)
    {
    }

    public InvalidMessageException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
