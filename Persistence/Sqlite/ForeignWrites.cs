using Kaffediem.Persistence.Transactions;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>
/// Detects that another program has written to the file, for example Kaffebase after the operator went back to it. The
/// log does not have those changes, so no client may be served a replay from it.
/// </summary>
internal static class ForeignWrites
{
    /// <summary>Whether a record is newer than the last logged change. Deletions leave no trace.</summary>
    public static bool Exist(SqliteConnection connection) =>
        // There may be a million orders, so both times of an order are looked up in their indexes. The log's times are
        // in whole seconds, so an order's are compared in whole seconds.
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
