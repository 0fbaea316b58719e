namespace Kaffediem.Persistence.Lists;

/// <summary>A field that a list is sorted by.</summary>
/// <param name="Name">As in the record's JSON. One of <see cref="RecordList{TRecord}.SortFields"/>.</param>
/// <param name="IsDescending">Whether the greatest comes first.</param>
public readonly record struct SortField(string Name, bool IsDescending);
