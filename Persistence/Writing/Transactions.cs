using Kaffediem.Persistence.Log;
using Kaffediem.Persistence.Sqlite;

namespace Kaffediem.Persistence.Writing;

/// <summary>A read transaction: all its queries see the database as of one instant. Not to be kept.</summary>
public sealed class ReadTransaction
{
    internal ReadTransaction(
        PreparedConnection connection, ChangePosition position, CancellationToken cancellationToken)
    {
        Connection = connection;
        Position = position;
        CancellationToken = cancellationToken;
    }

    /// <summary>The last change this transaction sees: exactly the changes up to it are in what it reads.</summary>
    public ChangePosition Position { get; }

    /// <summary>
    /// Cancelled when nobody waits for the result any longer. SQLite is interrupted then; loops over its rows look at
    /// this.
    /// </summary>
    public CancellationToken CancellationToken { get; }

    internal PreparedConnection Connection { get; }
}

/// <summary>A request's part of the write transaction; only the write door makes one. Not to be kept.</summary>
public sealed class WriteTransaction
{
    internal WriteTransaction(PreparedConnection connection, WriteCaches caches, DateTimeOffset now)
    {
        Connection = connection;
        Caches = caches;
        Now = now;
        Timestamp = Persistence.Timestamp.Format(now);
    }

    /// <summary>The one time for everything this request writes, UTC.</summary>
    public DateTimeOffset Now { get; }

    internal PreparedConnection Connection { get; }

    internal WriteCaches Caches { get; }

    /// <summary><see cref="Now"/> as all records but orders store it, in whole seconds.</summary>
    internal string Timestamp { get; }

    /// <summary><see cref="Now"/> as orders store it, with milliseconds.</summary>
    internal string ExactTimestamp => Persistence.Timestamp.FormatExact(Now);
}
