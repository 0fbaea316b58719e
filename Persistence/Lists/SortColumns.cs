using Kaffediem.Persistence.Sqlite;

namespace Kaffediem.Persistence.Lists;

/// <summary>The one table of the fields that lists can be sorted by, and of their columns.</summary>
internal static class SortColumns
{
    /// <summary>The SQL function from an order's <c>items_data</c> to its total. The orders define it.</summary>
    public const string OrderTotal = "order_total";

    private static readonly SortColumn Id = new("id") { Index = "NOT INDEXED" };

    private static readonly Dictionary<string, Dictionary<string, SortColumn>> ByTable = new()
    {
        ["category"] = new()
        {
            ["id"] = Id,
            ["name"] = Text("name"),
            ["sort_order"] = new("sort_order"),
            ["enable"] = Flag("enable"),
            ["inserted_at"] = Text("inserted_at"),
            ["updated_at"] = Text("updated_at"),
        },
        ["item"] = new()
        {
            ["id"] = Id,
            ["name"] = Text("name"),
            ["price_nok"] = new("price_nok"),
            ["category_id"] = new("category_id"),
            ["category_name"] = Text("(SELECT name FROM category WHERE id = category_id)"),
            ["image"] = Text("image"),
            ["enable"] = Flag("enable"),
            ["sort_order"] = new("sort_order"),
            ["inserted_at"] = Text("inserted_at"),
            ["updated_at"] = Text("updated_at"),
        },
        ["customization_key"] = new()
        {
            ["id"] = Id,
            ["name"] = Text("name"),
            ["enable"] = Flag("enable"),
            ["label_color"] = Text("label_color"),
            ["default_value"] = Text("default_value"),
            ["multiple_choice"] = Flag("multiple_choice"),
            ["sort_order"] = new("sort_order"),
            ["inserted_at"] = Text("inserted_at"),
            ["updated_at"] = Text("updated_at"),
        },
        ["customization_value"] = new()
        {
            ["id"] = Id,
            ["name"] = Text("name"),
            ["belongs_to"] = new("belongs_to"),
            ["price_increment_nok"] = new("price_increment_nok"),
            ["constant_price"] = Flag("constant_price"),
            ["enable"] = Flag("enable"),
            ["sort_order"] = new("sort_order"),
            ["inserted_at"] = Text("inserted_at"),
            ["updated_at"] = Text("updated_at"),
        },
        ["message"] = new()
        {
            ["id"] = Id,
            ["title"] = Text("title"),
            ["subtitle"] = Text("subtitle"),
            ["inserted_at"] = Text("inserted_at"),
            ["updated_at"] = Text("updated_at"),
        },
        ["status"] = new()
        {
            ["id"] = Id,
            ["open"] = Flag("open"),
            ["show_message"] = Flag("show_message"),
            ["message_id"] = new("message_id"),
            ["inserted_at"] = Text("inserted_at"),
            ["updated_at"] = Text("updated_at"),
        },
        // The texts of orders are ASCII, so SQLite's own order of text, which their indexes have, is the right one.
        ["order"] = new()
        {
            ["id"] = Id,
            ["uuid"] = new("uuid") { Index = "INDEXED BY order_uuid_index" },
            ["customer_id"] = new("customer_id") { Index = "INDEXED BY order_customer_id_index" },
            ["day_id"] = new("day_id") { Index = "INDEXED BY order_day_id_index" },
            ["state"] = new("state"),
            ["missing_information"] = Flag("missing_information"),
            ["total"] = new($"{OrderTotal}(items_data)"),
            ["inserted_at"] = new("substr(inserted_at || 'Z', 1, 19)") { IsTime = true },
            ["updated_at"] = new("substr(updated_at || 'Z', 1, 19)"),
            ["created"] = new("inserted_at || 'Z'") { IsTime = true },
            ["updated"] = new("updated_at || 'Z'"),
        },
    };

    /// <summary>The fields by which a table's records can be sorted, each with its column.</summary>
    public static IReadOnlyDictionary<string, SortColumn> Of(string table) => ByTable[table];

    /// <summary>The columns of a sort, and the id, which orders equal records.</summary>
    /// <exception cref="KeyNotFoundException">Records cannot be sorted by one of the fields.</exception>
    public static List<(SortColumn Column, bool IsDescending)> Resolve(string table, IReadOnlyList<SortField> sort) =>
        [.. sort.Select(field => (ByTable[table][field.Name], field.IsDescending)), (Id, false)];

    /// <summary>The terms of an ORDER BY clause.</summary>
    /// <param name="columns">The most important first.</param>
    /// <param name="avoidsIndex">Whether SQLite must find the records by their filter and then sort them.</param>
    // A plus changes no value and keeps the column's collation, but rules out an index
    // (https://www.sqlite.org/optoverview.html#disqualifying_where_clause_terms_using_unary_).
    public static string OrderBy(IEnumerable<(SortColumn Column, bool IsDescending)> columns, bool avoidsIndex) =>
        string.Join(", ", columns.Select(it =>
            $"{(avoidsIndex ? "+" : "")}{it.Column.Expression}{(it.IsDescending ? " DESC" : "")}"));

    private static SortColumn Text(string expression) => new($"{expression} COLLATE {SqliteSettings.OrdinalCollation}");

    // Any number other than 0 is true.
    private static SortColumn Flag(string column) => new($"({column} <> 0)");
}
