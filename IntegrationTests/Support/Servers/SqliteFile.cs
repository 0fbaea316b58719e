using Dapper;
using Microsoft.Data.Sqlite;

namespace Kaffediem.IntegrationTests.Support.Servers;

/// <summary>Reads and writes a database file as another program would, past the server.</summary>
internal static class SqliteFile
{
    public static List<T> Query<T>(string path, string sql)
    {
        using var connection = Open(path);
        return connection.Query<T>(sql).AsList();
    }

    public static void Execute(string path, string sql)
    {
        using var connection = Open(path);
        connection.Execute(sql);
    }

    private static SqliteConnection Open(string path) => new($"Data Source={path};Pooling=False");
}
