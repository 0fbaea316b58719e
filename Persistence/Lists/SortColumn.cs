using Kaffediem.Persistence.Sqlite;

namespace Kaffediem.Persistence.Lists;

/// <summary>The SQL that sorts by a field.</summary>
/// <param name="Expression">A constant. Its values compare as the field's values do.</param>
internal sealed record SortColumn(string Expression)
{
    /// <summary>The id, which every table has.</summary>
    public static SortColumn Id { get; } = new("id") { Index = "NOT INDEXED" };

    /// <summary>
    /// The clause that makes SQLite follow the index, or the table, that has this order; <c>null</c> if none has.
    /// </summary>
    public string? Index { get; init; }

    /// <summary>Whether the index of <c>inserted_at</c> has this order, except within a second.</summary>
    public bool IsTime { get; init; }

    /// <summary>Text, compared as .NET compares ordinals.</summary>
    public static SortColumn Text(string expression) => new($"{expression} COLLATE {SqliteSettings.OrdinalCollation}");

    /// <summary>A flag. Any number but 0 is true.</summary>
    public static SortColumn Flag(string column) => new($"({column} <> 0)");
}
