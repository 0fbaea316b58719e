namespace Kaffediem.Protocol;

/// <summary>
/// The client sent a frame that is no message of the protocol. Its socket is closed with 1011, in one place
/// (docs/protocol.md, "Events": a client can thus only hurt itself).
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
