namespace Kaffediem.Persistence.Transactions;

/// <summary>The disk, or something else that makes the database unreadable, has failed a read.</summary>
public sealed class ReadFailedException : Exception
{
    internal ReadFailedException(string fault, Exception innerException)
        : base(fault, innerException)
    {
    }
}
