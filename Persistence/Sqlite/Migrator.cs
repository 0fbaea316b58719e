using System.Reflection;
using System.Resources;
using Dapper;
using Kaffediem.Persistence.Transactions;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>Migrates a file to this version's schema: applies <c>Migrations/*.sql</c> in name order.</summary>
internal static class Migrator
{
    // The migrations that Ecto records in a file of the supported Kaffebase version (upstream commit 734f500).
    private static readonly string[] KaffebaseVersions =
        ["20251005105055", "20251005120000", "20251005130000", "20251020080000", "20251116103333"];

    /// <summary>Whether the file has no tables yet.</summary>
    public static bool IsEmpty(SqliteConnection connection) =>
        !connection.ReadFlag(
            """
            SELECT EXISTS (SELECT 1
                             FROM sqlite_master)
            """);

    /// <summary>
    /// Whether this program made the tables and nothing was ever stored in them: the first start failed, for example on
    /// a full disk. In an empty Kaffebase file the migrations have other times.
    /// </summary>
    public static bool IsUnfilled(SqliteConnection connection) =>
        connection.ReadFlag(
            """
            SELECT NOT EXISTS (SELECT 1
                                 FROM sqlite_sequence
                                WHERE seq > 0)
               AND NOT EXISTS (SELECT 1
                                 FROM schema_migrations
                                WHERE inserted_at <> (SELECT inserted_at
                                                        FROM kaffediem_migrations
                                                       WHERE name = '0001_kaffebase'))
            """);

    /// <summary>Checks, without writing, that the file is of Kaffediem or of a supported Kaffebase.</summary>
    /// <exception cref="DatabaseException">It is neither.</exception>
    public static void Check(SqliteConnection connection, string path)
    {
        if (!HasTable(connection, "schema_migrations"))
        {
            throw new DatabaseException($"{path} is neither a Kaffediem nor a Kaffebase database.");
        }

        if (KaffebaseVersions.Except(AppliedKaffebaseVersions(connection)).Any())
        {
            throw new DatabaseException(
                $"{path} is of an older Kaffebase: start the newest Kaffebase on it once, which updates it.");
        }

        var known = Migrations().Select(migration => migration.Name);
        if (AppliedNames(connection).Except(known).LastOrDefault() is { } name)
        {
            throw new DatabaseException(
                $"{path} was written by a newer Kaffediem: this one does not know its migration {name}.");
        }
    }

    /// <summary>Whether the file has a change log, which Kaffebase does not make.</summary>
    public static bool HasChangeLog(SqliteConnection connection) => HasTable(connection, "change_log");

    /// <summary>The name of the last migration that was applied; <c>null</c> in a file of Kaffebase.</summary>
    public static string? LastApplied(SqliteConnection connection) => AppliedNames(connection).LastOrDefault();

    /// <summary>Whether this program has had the file before, in a version with fewer migrations.</summary>
    public static bool IsBehind(SqliteConnection connection) =>
        AppliedNames(connection).Count > 0 && Missing(connection).Count > 0;

    /// <summary>Applies the missing migrations, each in a transaction of its own.</summary>
    /// <param name="connection">The file.</param>
    /// <param name="now">The time to record.</param>
    /// <param name="applying">
    /// Gets the name of each migration before it begins: an index of years of orders takes seconds.
    /// </param>
    public static void Apply(SqliteConnection connection, DateTimeOffset now, Action<string> applying)
    {
        foreach (var (name, sql) in Missing(connection))
        {
            applying(name);
            Apply(connection, name, sql, Timestamp.Format(now));
        }
    }

    private static List<(string Name, string Sql)> Missing(SqliteConnection connection) =>
        Migrations().ExceptBy(AppliedNames(connection), migration => migration.Name).ToList();

    private static void Apply(SqliteConnection connection, string name, string sql, string now)
    {
        using var transaction = connection.BeginTransaction();
        connection.Execute(sql, new { now }, transaction);
        connection.Execute(
            """
            CREATE TABLE IF NOT EXISTS kaffediem_migrations (
                name        TEXT PRIMARY KEY,
                inserted_at TEXT NOT NULL
            );

            INSERT INTO kaffediem_migrations (name, inserted_at)
                 VALUES (@name, @now)
            """,
            new { name, now },
            transaction);
        transaction.Commit();
    }

    private static List<string> AppliedKaffebaseVersions(SqliteConnection connection) =>
        connection.ReadTexts(
            """
            SELECT version
              FROM schema_migrations
            """);

    private static List<string> AppliedNames(SqliteConnection connection) =>
        !HasTable(connection, "kaffediem_migrations")
            ? []
            : connection.ReadTexts(
                """
                  SELECT name
                    FROM kaffediem_migrations
                ORDER BY name
                """);

    private static bool HasTable(SqliteConnection connection, string name) =>
        connection.ReadTexts(
            """
            SELECT name
              FROM sqlite_master
             WHERE type = 'table'
            """).Contains(name);

    private static IEnumerable<(string Name, string Sql)> Migrations()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var prefix = $"{typeof(Migrator).Namespace}.Migrations.";
        return assembly.GetManifestResourceNames()
            .Where(resource => resource.StartsWith(prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(resource => (resource[prefix.Length..^".sql".Length], Read(assembly, resource)));
    }

    private static string Read(Assembly assembly, string resource)
    {
        using var stream = assembly.GetManifestResourceStream(resource)
            ?? throw new MissingManifestResourceException(resource);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
