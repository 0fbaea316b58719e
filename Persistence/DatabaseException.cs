namespace Kaffediem.Persistence;

/// <summary>The database file cannot be opened: the message tells the operator why, and what to do.</summary>
public sealed class DatabaseException : Exception
{
    internal DatabaseException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
