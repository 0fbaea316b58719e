namespace Kaffediem.Persistence.Sqlite;

/// <summary>A database file cannot be used: the message says why, and what the operator can do.</summary>
public sealed class DatabaseException : Exception
{
    internal DatabaseException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
