using System.Data;

namespace Kaffediem.Persistence.Transactions;

/// <summary>
/// Statements without Dapper, for the queries of every start: at its first use Dapper compiles code and loads
/// System.Xml.
/// </summary>
internal static class PlainSql
{
    /// <summary>Runs a statement and ignores the rows it returns, if any.</summary>
    /// <returns>How many rows it changed.</returns>
    public static int Run(
        this IDbConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }

        return command.ExecuteNonQuery();
    }

    /// <summary>The first value of the first row, a number.</summary>
    public static long ReadNumber(this IDbConnection connection, string sql) => (long)ReadValue(connection, sql);

    /// <summary>The first value of the first row, a condition: 1 or 0.</summary>
    public static bool ReadFlag(this IDbConnection connection, string sql) => ReadNumber(connection, sql) != 0;

    /// <summary>The first value of the first row, a text.</summary>
    public static string ReadText(this IDbConnection connection, string sql) => (string)ReadValue(connection, sql);

    /// <summary>The first value of every row, read as text.</summary>
    public static List<string> ReadTexts(this IDbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var texts = new List<string>();
        while (reader.Read())
        {
            texts.Add(reader.GetString(0));
        }

        return texts;
    }

    private static object ReadValue(IDbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() ?? throw new DataException($"No row: {sql}");
    }
}
