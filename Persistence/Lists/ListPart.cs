namespace Kaffediem.Persistence.Lists;

/// <summary>The records of a <see cref="ListSlice"/>.</summary>
/// <param name="Total">How many records all pages have together; <see langword="null"/> for an unpaged list.</param>
/// <param name="Records">Read while they are enumerated, inside the transaction, a few at a time.</param>
public sealed record ListPart<TRecord>(long? Total, IEnumerable<TRecord> Records);
