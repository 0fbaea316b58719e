using Dapper;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Sqlite.Maintenance;

/// <summary>Checks a database. Only reads it; a server may be running on it.</summary>
public static class DatabaseCheck
{
    private const int MaxForeignKeys = 20;

    /// <summary>Checks everything in the database, as of one instant.</summary>
    /// <exception cref="DatabaseException">The database cannot be read, or is not of a supported version.</exception>
    public static CheckReport Run(DatabaseOptions options)
    {
        var path = DatabaseLock.ResolveLink(options.Path);
        return DiskWork.Run(path, () =>
        {
            using var connection = SourceFile.OpenOurs(path);
            using var transaction = connection.BeginTransaction(deferred: true);
            return Run(connection, path);
        });
    }

    private static CheckReport Run(SqliteConnection connection, string path)
    {
        var content = FileContent.Read(connection);
        List<string> facts =
        [
            $"File: {path}, {connection.QuerySingle<long>("PRAGMA page_count")} pages",
            $"Schema: {content.Migration ?? "Kaffebase"}"
                + (Migrator.IsBehind(connection) ? ", which a start updates" : ""),
        ];
        List<string> problems = [.. FileContent.FindDamage(connection), .. FindLostReferences(connection)];
        IReadOnlyList<ItemImage> images = problems.Count == 0 ? ReadImages(connection) : [];
        if (problems.Count == 0 && content.Migration is not null && !Migrator.IsBehind(connection))
        {
            var log = LogCheck.Run(connection);
            facts.AddRange(log.Facts);
            problems.AddRange(log.Problems);
        }

        return new CheckReport(facts, problems, images);
    }

    private static List<ItemImage> ReadImages(SqliteConnection connection) =>
        connection.Query<ItemImage>(
            """
              SELECT id    AS ItemId,
                     image AS Image
                FROM item
               WHERE image IS NOT NULL
            ORDER BY id
            """).AsList();

    private static IEnumerable<string> FindLostReferences(SqliteConnection connection) =>
        connection.Query<(string Table, long? Row, string Parent)>(
            """
            SELECT "table", rowid, parent
              FROM pragma_foreign_key_check
             LIMIT @MaxForeignKeys
            """,
            new { MaxForeignKeys })
        .Select(lost => $"Row {lost.Row} of {lost.Table} refers to a row of {lost.Parent} that is missing.");
}

/// <summary>The result of a check.</summary>
/// <param name="Facts">What the database contains.</param>
/// <param name="Problems">The problems that were found; empty if there are none.</param>
/// <param name="Images">The items' images; empty for a damaged database.</param>
public sealed record CheckReport(
    IReadOnlyList<string> Facts, IReadOnlyList<string> Problems, IReadOnlyList<ItemImage> Images);

/// <summary>An item's image as the database has it: the address of an uploaded image, or any other address.</summary>
public sealed record ItemImage
{
    /// <summary>The item.</summary>
    public required long ItemId { get; init; }

    /// <summary>The address.</summary>
    public required string Image { get; init; }
}
