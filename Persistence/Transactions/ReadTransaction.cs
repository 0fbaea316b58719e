using Kaffediem.Persistence.Sqlite.Statements;

namespace Kaffediem.Persistence.Transactions;

/// <summary>
/// A read transaction: all its queries see the database as of one instant. It ends with the query that it is handed to.
/// </summary>
public sealed class ReadTransaction
{
    internal ReadTransaction(
        PreparedConnection connection, ChangePosition position, CancellationToken cancellationToken)
    {
        Connection = connection;
        Position = position;
        CancellationToken = cancellationToken;
    }

    /// <summary>The last change this transaction sees: its queries see exactly the changes up to it.</summary>
    public ChangePosition Position { get; }

    /// <summary>
    /// Cancelled when nobody waits for the result any longer. The database then interrupts the running statement; loops
    /// over rows must check this token themselves.
    /// </summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>The connection. Stores write the SQL that runs on it.</summary>
    internal PreparedConnection Connection { get; }
}
