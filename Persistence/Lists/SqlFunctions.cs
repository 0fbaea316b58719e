using Kaffediem.Persistence.Orders;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Lists;

/// <summary>What SQLite lacks for sorting as records compare. Readers have them; no index may use them.</summary>
internal static class SqlFunctions
{
    /// <summary>The collation of text by the numbers of its UTF-16 units; SQLite's own is by characters.</summary>
    public const string Ordinal = "ORDINAL";

    /// <summary>The function from an order's <c>items_data</c> to its <see cref="Order.Total"/>.</summary>
    public const string OrderTotal = "order_total";

    public static void AddTo(SqliteConnection connection)
    {
        connection.CreateCollation(Ordinal, string.CompareOrdinal);
        connection.CreateFunction<string?, double?>(OrderTotal, OrderRow.TotalOf, isDeterministic: true);
    }
}
