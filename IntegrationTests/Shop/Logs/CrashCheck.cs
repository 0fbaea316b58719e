using Kaffediem.IntegrationTests.Shop.Screens;
using Kaffediem.IntegrationTests.Shop.Tills;

namespace Kaffediem.IntegrationTests.Shop.Logs;

/// <summary>
/// Compares the disk after a crash with the acknowledged and the pending writes. It follows a database from crash to
/// crash and reads only the new part of the log.
/// </summary>
/// <param name="start">The disk before.</param>
internal sealed class CrashCheck(DiskState start)
{
    // By the log so far: the record of each write, by its mark, and the rows that the tables must have.
    private readonly Dictionary<string, string> _written = [];
    private readonly Dictionary<string, string> _rows = new(start.Records);
    private readonly Dictionary<string, string> _records = [];

    /// <summary>The last change.</summary>
    public long LastSeq { get; private set; } = start.Log.Count == 0 ? 0 : start.Log[^1].Seq;

    /// <summary>How many changes there are.</summary>
    public long Count { get; private set; } = start.Count;

    /// <summary>The existing records that were written since the start, as JSON, by collection and id.</summary>
    public IReadOnlyDictionary<string, string> Records => _records;

    /// <summary>Whether a write is in the log.</summary>
    public bool IsWritten(ShopWrite write) => _written.ContainsKey(write.Mark);

    /// <summary>The faults.</summary>
    /// <param name="acknowledged">The writes that were acknowledged since the last call.</param>
    /// <param name="inDoubt">The writes that were sent and not acknowledged.</param>
    /// <param name="disk">The disk, with the changes after <see cref="LastSeq"/>.</param>
    public List<string> Find(IReadOnlyList<ShopWrite> acknowledged, IReadOnlyList<ShopWrite> inDoubt, DiskState disk)
    {
        var asked = acknowledged.Concat(inDoubt).Select(write => write.Mark).ToHashSet();
        List<string> faults = [.. FindDamage(disk), .. FindGaps(disk)];
        foreach (var entry in disk.Log)
        {
            faults.AddRange(FindStrange(entry, asked));
            Follow(entry);
        }

        return [.. faults, .. acknowledged.SelectMany(FindLoss), .. FindHalves(disk)];
    }

    private static IEnumerable<string> FindDamage(DiskState disk) =>
        disk.Integrity == "ok" ? [] : [$"integrity_check: {disk.Integrity}"];

    private IEnumerable<string> FindGaps(DiskState disk)
    {
        var seqs = disk.Log.Select(entry => entry.Seq);
        if (!seqs.SequenceEqual(disk.Log.Select((_, index) => LastSeq + 1 + index)))
        {
            yield return $"after {LastSeq} the log goes on with {string.Join(' ', seqs)}";
        }

        if (disk.Count != Count + disk.Log.Count)
        {
            yield return $"there were {Count} changes, {disk.Log.Count} are new, and now there are {disk.Count}";
        }
    }

    // A write that is logged twice, or that nobody sent. A day's end belongs to nobody.
    private IEnumerable<string> FindStrange(LogEntry entry, HashSet<string> asked)
    {
        if (_written.ContainsKey(entry.Mark))
        {
            yield return $"{entry.Mark} is in the log twice, again at {entry.Seq}";
        }
        else if (!asked.Contains(entry.Mark) && entry.Action != "day_over")
        {
            yield return $"{entry.Mark} was never sent, or not since it was found not to be written";
        }
    }

    private void Follow(LogEntry entry)
    {
        (LastSeq, Count) = (entry.Seq, Count + 1);
        if (entry.Action == "day_over")
        {
            return;
        }

        _written[entry.Mark] = entry.Record;
        if (entry.Action == "delete")
        {
            _rows.Remove(entry.Name);
            _records.Remove(entry.Name);
        }
        else
        {
            (_rows[entry.Name], _records[entry.Name]) = (entry.Row, entry.Record);
        }
    }

    private IEnumerable<string> FindLoss(ShopWrite write)
    {
        if (!_written.TryGetValue(write.Mark, out var record))
        {
            yield return $"{write.Mark} was acknowledged and is gone";
        }
        else if (write.Record != "" && !RecordList.IsSame(write.Record, record))
        {
            yield return $"{write.Mark} was acknowledged as {write.Record} and is {record}";
        }
    }

    // A write consists of a row and its change: the tables have exactly what the log says.
    private IEnumerable<string> FindHalves(DiskState disk)
    {
        foreach (var name in _rows.Keys.Union(disk.Records.Keys))
        {
            var (logged, there) = (_rows.GetValueOrDefault(name), disk.Records.GetValueOrDefault(name));
            if (logged != there)
            {
                yield return $"{name} is {there ?? "missing"}, and the log has {logged ?? "none"}";
            }
        }
    }
}
