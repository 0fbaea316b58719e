using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>
/// Notices that another program, such as Kaffebase after a step back to it, has written to the file: the log knows
/// nothing of that, so nobody may be told that what is logged is all that has changed.
/// </summary>
internal static class ForeignWrites
{
    /// <summary>Whether a record is newer than the last change of the log. Deletions leave no trace.</summary>
    public static bool Exist(SqliteConnection connection) =>
        // Each order was placed or changed last, and both have an index: there may be a million orders. The log's times
        // are in whole seconds, so an order's are compared in whole seconds.
        connection.ReadFlag(
            """
            SELECT COALESCE((SELECT inserted_at
                               FROM change_log
                           ORDER BY seq DESC
                              LIMIT 1)
                          < (SELECT substr(MAX(updated_at), 1, 19)
                               FROM (SELECT updated_at FROM category
                                      UNION ALL
                                     SELECT updated_at FROM item
                                      UNION ALL
                                     SELECT updated_at FROM customization_key
                                      UNION ALL
                                     SELECT updated_at FROM customization_value
                                      UNION ALL
                                     SELECT updated_at FROM message
                                      UNION ALL
                                     SELECT updated_at FROM status
                                      UNION ALL
                                     SELECT MAX(inserted_at) FROM "order"
                                      UNION ALL
                                     SELECT MAX(updated_at) FROM "order" WHERE updated_at > inserted_at)), FALSE)
            """);
}
