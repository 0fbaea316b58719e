using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.Kill;

/// <summary>The check can fail: each fault it is there for is planted, and found.</summary>
[Experiment("Kill")]
public sealed class CrashCheckTests
{
    private static readonly DiskState Empty = new([], 0, new Dictionary<string, string>(), "ok");

    private static readonly ShopWrite[] Acknowledged =
    [
        new("create order a", "POST", "") { Record = """{"uuid":"a"}""" },
        new("create order b", "POST", "") { Record = """{"uuid":"b"}""" },
        new("delete order 1", "DELETE", ""),
        new("update order 7", "PATCH", "") { Record = """{"customer_id":7}""" },
    ];

    private static readonly ShopWrite[] InDoubt = [new("create order c", "POST", "")];

    private static readonly LogEntry[] Log =
    [
        Entry(1, "create", 1, """{"uuid":"a"}"""),
        Entry(2, "create", 2, """{"uuid":"b"}"""),
        Entry(3, "delete", 1, """{"id":1}"""),
        Entry(4, "update", 2, """{"customer_id":7}"""),
    ];

    [Fact]
    public void What_is_in_order_is_found_to_be()
    {
        Assert.Empty(Find(Log, ("order 2", """{"customer_id":7}""")));
    }

    [Fact]
    public void What_is_in_doubt_may_be_there_as_well()
    {
        LogEntry[] log = [.. Log, Entry(5, "create", 3, """{"uuid":"c"}""")];

        Assert.Empty(Find(log, ("order 2", """{"customer_id":7}"""), ("order 3", """{"uuid":"c"}""")));
    }

    [Fact]
    public void An_acknowledged_write_that_is_gone()
    {
        AssertFound("update order 7 was acknowledged and is gone", Find(Log[..3], ("order 2", """{"uuid":"b"}""")));
    }

    [Fact]
    public void An_acknowledged_write_with_another_content()
    {
        LogEntry[] log = [.. Log[..1], Entry(2, "create", 2, """{"uuid":"b","state":"completed"}"""), .. Log[2..]];

        AssertFound("create order b was acknowledged as", Find(log, ("order 2", """{"customer_id":7}""")));
    }

    [Fact]
    public void A_write_twice_in_the_log()
    {
        LogEntry[] log = [.. Log, Entry(5, "update", 2, """{"customer_id":7}""")];

        AssertFound("update order 7 is in the log twice, again at 5", Find(log, ("order 2", """{"customer_id":7}""")));
    }

    [Fact]
    public void A_gap_in_the_log()
    {
        LogEntry[] log = [.. Log[..3], Log[3] with { Seq = 5 }];

        AssertFound("after 0 the log goes on with 1 2 3 5", Find(log, ("order 2", """{"customer_id":7}""")));
    }

    [Fact]
    public void An_old_change_that_is_gone()
    {
        var disk = Disk(Log, ("order 2", """{"customer_id":7}""")) with { Count = 3 };

        AssertFound("now there are 3", new CrashCheck(Empty).Find(Acknowledged, InDoubt, disk));
    }

    [Fact]
    public void A_change_without_its_row()
    {
        LogEntry[] log = [.. Log, Entry(5, "create", 3, """{"uuid":"c"}""")];

        AssertFound("order 3 is not there, and the log tells", Find(log, ("order 2", """{"customer_id":7}""")));
    }

    [Fact]
    public void A_row_without_its_change()
    {
        AssertFound(
            "order 3 is {\"uuid\":\"c\"}, and the log tells of none",
            Find(Log, ("order 2", """{"customer_id":7}"""), ("order 3", """{"uuid":"c"}""")));
    }

    [Fact]
    public void A_row_that_was_not_changed_or_not_deleted()
    {
        AssertFound("order 2 is {\"uuid\":\"b\"}", Find(Log, ("order 2", """{"uuid":"b"}""")));
        AssertFound(
            "order 1 is {\"uuid\":\"a\"}, and the log tells of none",
            Find(Log, ("order 1", """{"uuid":"a"}"""), ("order 2", """{"customer_id":7}""")));
    }

    [Fact]
    public void A_write_that_nobody_has_asked_for()
    {
        LogEntry[] log = [.. Log, Entry(5, "create", 3, """{"uuid":"d"}""")];

        AssertFound(
            "nobody has asked for create order d",
            Find(log, ("order 2", """{"customer_id":7}"""), ("order 3", """{"uuid":"d"}""")));
    }

    [Fact]
    public void A_write_that_comes_only_after_the_crash_in_which_it_was_not_there()
    {
        var check = new CrashCheck(Empty);
        Assert.Empty(check.Find(Acknowledged, InDoubt, Disk(Log, ("order 2", """{"customer_id":7}"""))));
        LogEntry[] late = [Entry(5, "create", 3, """{"uuid":"c"}""")];
        var disk = Disk(late, ("order 2", """{"customer_id":7}"""), ("order 3", """{"uuid":"c"}""")) with { Count = 5 };

        AssertFound("nobody has asked for create order c", check.Find([], [], disk));
    }

    [Fact]
    public void Damage()
    {
        var disk = Disk(Log, ("order 2", """{"customer_id":7}""")) with { Integrity = "row 1 missing from index" };

        AssertFound("integrity_check: row 1 missing", new CrashCheck(Empty).Find(Acknowledged, InDoubt, disk));
    }

    private static List<string> Find(LogEntry[] log, params (string Name, string Row)[] rows) =>
        new CrashCheck(Empty).Find(Acknowledged, InDoubt, Disk(log, rows));

    private static DiskState Disk(LogEntry[] log, params (string Name, string Row)[] rows) =>
        new(log, log.Length, rows.ToDictionary(row => row.Name, row => row.Row), "ok");

    private static LogEntry Entry(long seq, string action, long id, string record) =>
        new() { Seq = seq, Collection = "order", Action = action, RecordId = id, Record = record, Row = record };

    private static void AssertFound(string fault, List<string> found) =>
        Assert.Contains(fault, Assert.Single(found), StringComparison.Ordinal);
}
