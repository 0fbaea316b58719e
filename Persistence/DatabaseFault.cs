using Kaffediem.Persistence.Sqlite;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.Persistence;

/// <summary>
/// A failure of the machine rather than of the program: a full disk, a locked or damaged file, more writes than the
/// disk can keep up with. It may pass by itself, or the operator can repair it; acknowledged writes survive it.
/// </summary>
public static class DatabaseFault
{
    /// <summary>Whether an exception from one of the doors, or from opening the database, is such a fault.</summary>
    public static bool Is(Exception exception) => Describe(exception) is not null;

    /// <summary>The fault in one line; <c>null</c> when the exception is a fault of the program.</summary>
    public static string? Describe(Exception exception) => exception switch
    {
        DatabaseException or ReadFailedException or WriteFailedException or WriteQueueFullException =>
            exception.Message,
        _ => null,
    };
}
