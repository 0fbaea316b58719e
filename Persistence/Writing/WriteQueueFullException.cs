namespace Kaffediem.Persistence.Writing;

/// <summary>
/// More writes come than the disk takes, and as many wait as may: this one was not accepted, and nothing of it is
/// written. It may be sent again.
/// </summary>
public sealed class WriteQueueFullException : Exception
{
    internal WriteQueueFullException(int maxQueuedWrites)
        : base($"The write was refused: {maxQueuedWrites} others wait for the disk.")
    {
    }
}
