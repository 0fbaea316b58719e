using System.Globalization;
using Kaffediem.Persistence.Transactions;

namespace Kaffediem.Persistence.Lists;

/// <summary>A list of one collection's records. However it is sorted, only the requested records are read.</summary>
public sealed class RecordList<TRecord>
{
    // A few, so that little memory is held at once, and a list that nobody waits for ends soon.
    private const int RecordsPerQuery = 100;

    private readonly Func<ReadTransaction, ListSlice, ListedKeys> _findKeys;
    private readonly Func<ReadTransaction, Func<string, IEnumerable<TRecord>>> _beginPicking;

    /// <param name="sortFields">The fields it can be sorted by.</param>
    /// <param name="findKeys">Finds the ids.</param>
    /// <param name="beginPicking">
    /// Makes the function that reads the records of some ids, given as JSON (<c>[3,1,2]</c>), in their order.
    /// </param>
    internal RecordList(
        IReadOnlyList<string> sortFields,
        Func<ReadTransaction, ListSlice, ListedKeys> findKeys,
        Func<ReadTransaction, Func<string, IEnumerable<TRecord>>> beginPicking)
    {
        SortFields = sortFields;
        _findKeys = findKeys;
        _beginPicking = beginPicking;
    }

    /// <summary>The fields that the list can be sorted by, as in the record's JSON.</summary>
    public IReadOnlyList<string> SortFields { get; }

    /// <summary>Reads the whole list in its own order, while it is enumerated.</summary>
    public IEnumerable<TRecord> ReadAll(ReadTransaction transaction) => Read(transaction, ListSlice.All).Records;

    /// <summary>Reads a part of the list.</summary>
    public ListPart<TRecord> Read(ReadTransaction transaction, ListSlice slice)
    {
        var keys = _findKeys(transaction, slice);
        return new ListPart<TRecord>(keys.Total, ReadRecords(transaction, keys.Ids));
    }

    private IEnumerable<TRecord> ReadRecords(ReadTransaction transaction, List<long> ids)
    {
        var pick = _beginPicking(transaction);
        return ids.Chunk(RecordsPerQuery).SelectMany(some =>
        {
            transaction.CancellationToken.ThrowIfCancellationRequested();
            return pick(Format(some));
        });
    }

    private static string Format(IEnumerable<long> ids) =>
        $"[{string.Join(',', ids.Select(id => id.ToString(CultureInfo.InvariantCulture)))}]";
}
