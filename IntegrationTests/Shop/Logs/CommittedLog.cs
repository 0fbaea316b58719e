using System.Collections.Immutable;
using System.Globalization;
using Kaffediem.IntegrationTests.Shop.Screens;

namespace Kaffediem.IntegrationTests.Shop.Logs;

/// <summary>The committed changes of the final file, and the records of every collection after each change.</summary>
internal sealed class CommittedLog
{
    private readonly Dictionary<string, Track> _collections = [];
    private readonly Dictionary<string, List<LogEntry>> _records = [];
    private readonly IReadOnlyDictionary<string, RecordList> _start;

    /// <param name="start">The records before the first change, by collection.</param>
    /// <param name="entries">The changes since then, in order.</param>
    public CommittedLog(IReadOnlyDictionary<string, RecordList> start, IEnumerable<LogEntry> entries)
    {
        _start = start;
        foreach (var (collection, list) in start)
        {
            _collections[collection] = new Track(list.Records.ToImmutableDictionary());
        }

        foreach (var entry in entries.Where(entry => start.ContainsKey(entry.Collection) && entry.Action != "day_over"))
        {
            _collections[entry.Collection].Add(entry);
            (_records.TryGetValue(entry.Name, out var known) ? known : _records[entry.Name] = []).Add(entry);
        }
    }

    /// <summary>The change of a collection with a seq.</summary>
    public LogEntry? Find(string collection, long seq) => Between(collection, seq - 1, seq).SingleOrDefault();

    /// <summary>A collection's changes after one seq and up to another, in order.</summary>
    public IReadOnlyList<LogEntry> Between(string collection, long after, long upTo)
    {
        var track = _collections[collection];
        var (first, end) = (track.CountUpTo(after), track.CountUpTo(upTo));
        return first < end ? track.Entries[first..end] : [];
    }

    /// <summary>A collection's records after a change.</summary>
    public RecordList StateAt(string collection, long seq)
    {
        var track = _collections[collection];
        return new RecordList(track.States[track.CountUpTo(seq)]);
    }

    /// <summary>A record's content at a seq, and its later contents; <c>null</c>: it does not exist.</summary>
    /// <param name="name">As <see cref="LogEntry.Name"/>.</param>
    /// <param name="seq">The seq.</param>
    /// <param name="mayBe">Which later changes may have been committed by then.</param>
    public IEnumerable<string?> VersionsFrom(string name, long seq, Func<LogEntry, bool> mayBe)
    {
        var entries = _records.GetValueOrDefault(name, []);
        return entries.Where(entry => entry.Seq > seq && mayBe(entry))
            .Prepend(entries.LastOrDefault(entry => entry.Seq <= seq))
            .Select(entry => entry is null ? Initial(name) : entry.Action == "delete" ? null : entry.Record);
    }

    private string? Initial(string name)
    {
        var parts = name.Split(' ');
        var id = long.Parse(parts[1], CultureInfo.InvariantCulture);
        return _start[parts[0]].Records.GetValueOrDefault(id);
    }

    /// <summary>A collection's changes, and its records before the first one and after each.</summary>
    private sealed class Track(ImmutableDictionary<long, string> start)
    {
        private readonly List<long> _seqs = [];

        public List<LogEntry> Entries { get; } = [];

        public List<ImmutableDictionary<long, string>> States { get; } = [start];

        public void Add(LogEntry entry)
        {
            _seqs.Add(entry.Seq);
            Entries.Add(entry);
            States.Add(entry.Action == "delete"
                ? States[^1].Remove(entry.RecordId)
                : States[^1].SetItem(entry.RecordId, entry.Record));
        }

        /// <summary>How many of the changes have this seq or a lower one.</summary>
        public int CountUpTo(long seq) => _seqs.BinarySearch(seq) is var at && at < 0 ? ~at : at + 1;
    }
}
