using Kaffediem.Persistence.Sqlite.Statements;

namespace Kaffediem.Persistence.Transactions;

/// <summary>
/// One request's part of a write transaction. Only the write door makes one; it ends with the work that it is handed
/// to.
/// </summary>
public sealed class WriteTransaction
{
    internal WriteTransaction(PreparedConnection connection, WriteCaches caches, DateTimeOffset now)
    {
        Connection = connection;
        Caches = caches;
        Now = now;
        Timestamp = Transactions.Timestamp.Format(now);
    }

    /// <summary>The one time for everything this request writes, UTC.</summary>
    public DateTimeOffset Now { get; }

    /// <inheritdoc cref="ReadTransaction.Connection"/>
    internal PreparedConnection Connection { get; }

    /// <summary>What the stores remember between writes.</summary>
    internal WriteCaches Caches { get; }

    /// <summary><see cref="Now"/> as all records but orders store it, in whole seconds.</summary>
    internal string Timestamp { get; }

    /// <summary><see cref="Now"/> as orders store it, with milliseconds.</summary>
    internal string ExactTimestamp => Transactions.Timestamp.FormatExact(Now);
}
