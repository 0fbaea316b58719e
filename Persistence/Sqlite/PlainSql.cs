using System.Data;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>
/// Statements without Dapper, for what every start asks: at its first use Dapper compiles code, and has System.Xml
/// loaded.
/// </summary>
internal static class PlainSql
{
    /// <summary>Runs a statement whose rows, if there are any, do not matter.</summary>
    /// <returns>How many rows it has changed.</returns>
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

    /// <summary>The first value of the first row: a number.</summary>
    public static long ReadNumber(this IDbConnection connection, string sql) => (long)ReadValue(connection, sql);

    /// <summary>The same: what is true or not, 1 or 0.</summary>
    public static bool ReadFlag(this IDbConnection connection, string sql) => ReadNumber(connection, sql) != 0;

    /// <summary>The same: a text.</summary>
    public static string ReadText(this IDbConnection connection, string sql) => (string)ReadValue(connection, sql);

    /// <summary>The first value of every row: texts, or what is one when it is read as such.</summary>
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
