using System.Text.Json;
using Kaffediem.IntegrationTests.Shop.History;
using Kaffediem.IntegrationTests.Shop.Logs;
using Kaffediem.IntegrationTests.Shop.Screens;
using Kaffediem.IntegrationTests.Shop.Tills;

namespace Kaffediem.IntegrationTests.Reliability.History;

/// <summary>
/// A correct history of two tills and a screen that is disconnected once, for tests to spoil. Its steps have names, so
/// that a test can say what it removes or inserts.
/// </summary>
internal sealed class HistorySample
{
    public const string Screen = "screen";
    public const string First = """{"id":1,"n":0}""";
    public const string Placed = """{"id":2,"uuid":"a"}""";
    public const string Changed = """{"id":2,"customer_id":7}""";
    public const string Other = """{"id":3,"uuid":"b"}""";
    public const string OtherChanged = """{"id":3,"customer_id":8}""";
    public const string Message = """{"id":5,"title":"1"}""";

    public static readonly ShopWrite Place = new("create order a", "POST", "") { Record = Placed };
    public static readonly ShopWrite Announce = new("create message 1", "POST", "") { Record = Message };
    public static readonly ShopWrite Change = new("update order 7", "PATCH", "") { Record = Changed };
    public static readonly ShopWrite PlaceOther = new("create order b", "POST", "") { Record = Other };
    public static readonly ShopWrite Delete = new("delete order 2", "DELETE", "");
    public static readonly ShopWrite ChangeOther = new("update order 8", "PATCH", "") { Record = OtherChanged };

    private readonly List<(string Name, HistoryEvent Event)> _steps =
    [
        ("start", new Quiet("shop", 0, Lists(ListOf(First), ListOf()), [])),
        ("join orders", new JoinRequested(Screen, "order", null)),
        ("orders", Snapshot(Screen, "order", 0, First)),
        ("join messages", new JoinRequested(Screen, "message", null)),
        ("messages", Snapshot(Screen, "message", 0)),
        ("ask 1", new WriteRequested("till 1", Place)),
        ("ack 1", new WriteAcknowledged("till 1", Place)),
        ("change 1", Received(Screen, 1, "create", Placed)),
        ("ask 2", new WriteRequested("till 2", Announce)),
        ("change 2", new ChangeReceived(Screen, "message", new ReceivedChange(2, "create", Message))),
        ("ack 2", new WriteAcknowledged("till 2", Announce)),
        ("read", new RecordRequested("till 1", "order 2")),
        ("ask 3", new WriteRequested("till 2", Change)),
        ("is", new RecordAnswered("till 1", "order 2", Changed)),
        ("change 3", Received(Screen, 3, "update", Changed)),
        ("ack 3", new WriteAcknowledged("till 2", Change)),
        ("lost", new LineLost(Screen, 1012)),
        ("ask 4", new WriteRequested("till 1", PlaceOther)),
        ("ask 5", new WriteRequested("till 2", Delete)),
        ("ack 5", new WriteAcknowledged("till 2", Delete)),
        ("rejoin orders", new JoinRequested(Screen, "order", new Position("e", 3))),
        ("missed", new RecoveryReceived(
            Screen, "order", new Position("e", 5), [new(4, "create", Other), new(5, "delete", """{"id":2}""")])),
        ("rejoin messages", new JoinRequested(Screen, "message", null)),
        ("messages again", Snapshot(Screen, "message", 5, Message)),
        ("read deleted", new RecordRequested("till 2", "order 2")),
        ("is deleted", new RecordAnswered("till 2", "order 2", null)),
        ("look asked", new JoinRequested("look", "order", null)),
        ("look", Snapshot("look", "order", 5, First, Other)),
        ("look over", new LineLost("look", null)),
        ("ask 6", new WriteRequested("till 1", ChangeOther)),
        ("change 6", Received(Screen, 6, "update", OtherChanged)),
        ("ack 6", new WriteAcknowledged("till 1", ChangeOther)),
        ("quiet", new Quiet("shop", 6, Lists(ListOf(First, OtherChanged), ListOf(Message)), [Screen])),
    ];

    public IReadOnlyList<HistoryEvent> Events => [.. _steps.Select(step => step.Event)];

    /// <summary>The log of the file.</summary>
    public List<LogEntry> Log { get; } =
    [
        Entry(1, "order", "create", 2, Placed),
        Entry(2, "message", "create", 5, Message),
        Entry(3, "order", "update", 2, Changed),
        Entry(4, "order", "create", 3, Other),
        Entry(5, "order", "delete", 2, """{"id":2}"""),
        Entry(6, "order", "update", 3, OtherChanged),
    ];

    public static HistoryEvent Received(string who, long seq, string action, string record) =>
        new ChangeReceived(who, "order", new ReceivedChange(seq, action, record));

    public static HistoryEvent Snapshot(string who, string collection, long seq, params string[] records) =>
        new SnapshotReceived(who, collection, new Position("e", seq), ListOf(records).Records);

    public static IReadOnlyDictionary<string, RecordList> Lists(RecordList orders, RecordList messages) =>
        new Dictionary<string, RecordList> { ["order"] = orders, ["message"] = messages };

    public static RecordList ListOf(params string[] records) =>
        RecordList.Read(JsonElement.Parse($"[{string.Join(',', records)}]"));

    public static LogEntry Entry(long seq, string collection, string action, long id, string record) =>
        new() { Seq = seq, Collection = collection, Action = action, RecordId = id, Record = record, Row = record };

    /// <summary>Removes steps.</summary>
    public HistorySample Without(params string[] names)
    {
        foreach (var name in names)
        {
            _steps.RemoveAt(IndexOf(name));
        }

        return this;
    }

    /// <summary>Replaces a step by events.</summary>
    public HistorySample Instead(string name, params HistoryEvent[] events) => After(name, events).Without(name);

    public HistorySample After(string name, params HistoryEvent[] events)
    {
        _steps.InsertRange(IndexOf(name) + 1, events.Select(it => ("", it)));
        return this;
    }

    /// <summary>Moves a step behind another.</summary>
    public HistorySample Delay(string name, string after)
    {
        var step = _steps[IndexOf(name)];
        _steps.Remove(step);
        _steps.Insert(IndexOf(after) + 1, step);
        return this;
    }

    public IReadOnlyList<HistoryFault> Find()
    {
        var rows = new Dictionary<string, string> { ["order 1"] = First };
        var start = new DiskState([], 0, rows.ToDictionary(), "ok");
        foreach (var entry in Log.Where(entry => entry.Action != "day_over"))
        {
            if (entry.Action == "delete")
            {
                rows.Remove(entry.Name);
            }
            else
            {
                rows[entry.Name] = entry.Row;
            }
        }

        return HistoryCheck.Find(Events, start, new DiskState(Log, Log.Count, rows, "ok"));
    }

    private int IndexOf(string name) => _steps.FindIndex(step => step.Name == name);
}
