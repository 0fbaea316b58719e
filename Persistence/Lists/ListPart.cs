namespace Kaffediem.Persistence.Lists;

/// <summary>What a <see cref="ListSlice"/> contains.</summary>
/// <param name="Total">How many records the list has on all pages; <see langword="null"/> where it has none.</param>
/// <param name="Records">Read while they are enumerated, inside the transaction, a few at a time.</param>
public sealed record ListPart<TRecord>(long? Total, IEnumerable<TRecord> Records);
