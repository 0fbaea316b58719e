using Kaffediem.Persistence.Transactions;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Lists;

/// <summary>Runs the statements that find a list's records. Not with Dapper, which would keep every text.</summary>
internal static class ListSql
{
    /// <summary>The first value of every row, a number.</summary>
    /// <param name="transaction">The read.</param>
    /// <param name="isKept">
    /// Whether the statement stays prepared. A statement with a client's sort does not: there are more sorts than can
    /// be kept, and they must not displace the constant statements.
    /// </param>
    /// <param name="sql">Made of constants only.</param>
    /// <param name="parameters">May contain more than the text uses.</param>
    public static List<long> ReadNumbers(
        this ReadTransaction transaction,
        bool isKept,
        string sql,
        params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var numbers = new List<long>();
        Read(transaction, isKept, sql, parameters, reader => numbers.Add(reader.GetInt64(0)));
        return numbers;
    }

    /// <summary>The first and the last row, each a text and a number; empty if there are no rows.</summary>
    /// <inheritdoc cref="ReadNumbers"/>
    public static List<(string Text, long Number)> ReadEnds(
        this ReadTransaction transaction,
        bool isKept,
        string sql,
        params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var ends = new List<(string, long)>();
        Read(transaction, isKept, sql, parameters, reader =>
        {
            ends.RemoveRange(Math.Min(1, ends.Count), Math.Max(0, ends.Count - 1));
            ends.Add((reader.GetString(0), reader.GetInt64(1)));
        });
        return ends;
    }

    private static void Read(
        ReadTransaction transaction,
        bool isKept,
        string sql,
        ReadOnlySpan<(string Name, object? Value)> parameters,
        Action<SqliteDataReader> add)
    {
        var connection = transaction.Connection;
        using var command = isKept ? (SqliteCommand)connection.CreateCommand() : connection.Sqlite.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            add(reader);
        }
    }
}
