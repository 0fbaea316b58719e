namespace Kaffediem.Persistence.Lists;

/// <summary>The fields that a collection's lists can be sorted by, each with its column.</summary>
internal sealed class SortColumns
{
    private readonly OrderedDictionary<string, SortColumn> _columns = [];

    /// <summary>The fields, as in the record's JSON.</summary>
    public IReadOnlyList<string> Fields => _columns.Keys;

    /// <param name="field">As in the record's JSON.</param>
    /// <exception cref="KeyNotFoundException">Lists cannot be sorted by the field.</exception>
    public SortColumn this[string field]
    {
        get => _columns[field];
        init => _columns.Add(field, value);
    }

    /// <summary>The columns of a sort, and the id, by which equal records are ordered.</summary>
    /// <exception cref="KeyNotFoundException">A field cannot be sorted by.</exception>
    public List<(SortColumn Column, bool IsDescending)> Resolve(IReadOnlyList<SortField> sort) =>
        [.. sort.Select(field => (this[field.Name], field.IsDescending)), (SortColumn.Id, false)];

    /// <summary>The terms after ORDER BY.</summary>
    /// <param name="columns">The most important first.</param>
    /// <param name="avoidsIndex">Whether SQLite must find the records by their filter and then sort them.</param>
    // A plus changes no value and keeps the column's collation, but rules out an index
    // (https://www.sqlite.org/optoverview.html#disqualifying_where_clause_terms_using_unary_).
    public static string OrderBy(IEnumerable<(SortColumn Column, bool IsDescending)> columns, bool avoidsIndex) =>
        string.Join(", ", columns.Select(it =>
            $"{(avoidsIndex ? "+" : "")}{it.Column.Expression}{(it.IsDescending ? " DESC" : "")}"));
}
