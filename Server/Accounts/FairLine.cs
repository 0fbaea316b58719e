namespace Kaffediem.Server.Accounts;

/// <summary>
/// A line in which every owner has an equal share: owners take turns, one entry each. When the line is full, the latest
/// entry of the owner with the most entries is displaced (longest queue drop), so that a flood fills only its own
/// share. Not thread-safe.
/// </summary>
/// <param name="capacity">How many entries may wait; finding the next one looks at all of them.</param>
internal sealed class FairLine<TItem>(int capacity) where TItem : class
{
    // In order of arrival.
    private readonly List<Entry> _entries = [];

    // The round in which the last entry was served. In each round every owner is served once.
    private long _round;

    /// <summary>How many entries wait.</summary>
    public int Count => _entries.Count;

    /// <summary>Adds an entry behind its owner's others.</summary>
    /// <param name="owner">The owner of the share that it uses.</param>
    /// <param name="item">The entry.</param>
    /// <param name="displaced">The entry that was displaced; <c>null</c> for none.</param>
    /// <returns>Whether it was added.</returns>
    public bool TryAdd(string owner, TItem item, out TItem? displaced)
    {
        displaced = null;
        var own = _entries.Count(entry => entry.Owner == owner);
        if (_entries.Count >= capacity)
        {
            var largest = _entries.CountBy(entry => entry.Owner).MaxBy(share => share.Value);
            if (largest.Value <= own + 1)
            {
                return false;
            }

            var last = _entries.FindLastIndex(entry => entry.Owner == largest.Key);
            displaced = _entries[last].Item;
            _entries.RemoveAt(last);
        }

        _entries.Add(new Entry(owner, _round + 1 + own, item));
        return true;
    }

    /// <summary>Removes and returns the next entry; <c>null</c> when none waits.</summary>
    public TItem? TakeNext()
    {
        // The first of those with the lowest round.
        if (_entries.MinBy(entry => entry.Round) is not { } next)
        {
            return null;
        }

        _round = next.Round;
        _entries.Remove(next);
        return next.Item;
    }

    /// <summary>Removes an entry that no longer waits.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(TItem item) => _entries.RemoveAll(entry => ReferenceEquals(entry.Item, item)) > 0;

    private sealed record Entry(string Owner, long Round, TItem Item);
}
