namespace Kaffediem.Persistence.Writing;

/// <summary>
/// Writes arrive faster than the disk can keep up, and the queue is full. This write was not accepted and nothing of it
/// was written; it may be retried.
/// </summary>
public sealed class WriteQueueFullException : Exception
{
    internal WriteQueueFullException(int maxQueuedWrites)
        : base($"The write was refused: {maxQueuedWrites} others are waiting for the disk.")
    {
    }
}
