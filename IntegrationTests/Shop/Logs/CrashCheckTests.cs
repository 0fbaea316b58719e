using Kaffediem.IntegrationTests.Shop.Tills;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Shop.Logs;

/// <summary>The check can fail: each planted fault is found.</summary>
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
    public void Intact_disk_has_no_fault()
    {
        Assert.Empty(Find(Log, ("order 2", """{"customer_id":7}""")));
    }

    [Fact]
    public void Write_in_doubt_may_be_committed()
    {
        LogEntry[] log = [.. Log, Entry(5, "create", 3, """{"uuid":"c"}""")];

        Assert.Empty(Find(log, ("order 2", """{"customer_id":7}"""), ("order 3", """{"uuid":"c"}""")));
    }

    [Fact]
    public void Lost_acknowledged_write_is_found()
    {
        AssertFound("update order 7 was acknowledged and is gone", Find(Log[..3], ("order 2", """{"uuid":"b"}""")));
    }

    [Fact]
    public void Acknowledged_write_with_another_content_is_found()
    {
        LogEntry[] log = [.. Log[..1], Entry(2, "create", 2, """{"uuid":"b","state":"completed"}"""), .. Log[2..]];

        AssertFound("create order b was acknowledged as", Find(log, ("order 2", """{"customer_id":7}""")));
    }

    [Fact]
    public void Write_that_is_logged_twice_is_found()
    {
        LogEntry[] log = [.. Log, Entry(5, "update", 2, """{"customer_id":7}""")];

        AssertFound("update order 7 is in the log twice, again at 5", Find(log, ("order 2", """{"customer_id":7}""")));
    }

    [Fact]
    public void Gap_in_the_log_is_found()
    {
        LogEntry[] log = [.. Log[..3], Log[3] with { Seq = 5 }];

        AssertFound("after 0 the log goes on with 1 2 3 5", Find(log, ("order 2", """{"customer_id":7}""")));
    }

    [Fact]
    public void Lost_old_change_is_found()
    {
        var disk = Disk(Log, ("order 2", """{"customer_id":7}""")) with { Count = 3 };

        AssertFound("now there are 3", new CrashCheck(Empty).Find(Acknowledged, InDoubt, disk));
    }

    [Fact]
    public void Change_without_its_row_is_found()
    {
        LogEntry[] log = [.. Log, Entry(5, "create", 3, """{"uuid":"c"}""")];

        AssertFound("order 3 is missing, and the log has", Find(log, ("order 2", """{"customer_id":7}""")));
    }

    [Fact]
    public void Row_without_its_change_is_found()
    {
        AssertFound(
            "order 3 is {\"uuid\":\"c\"}, and the log has none",
            Find(Log, ("order 2", """{"customer_id":7}"""), ("order 3", """{"uuid":"c"}""")));
    }

    [Fact]
    public void Row_that_was_not_changed_or_deleted_is_found()
    {
        AssertFound("order 2 is {\"uuid\":\"b\"}", Find(Log, ("order 2", """{"uuid":"b"}""")));
        AssertFound(
            "order 1 is {\"uuid\":\"a\"}, and the log has none",
            Find(Log, ("order 1", """{"uuid":"a"}"""), ("order 2", """{"customer_id":7}""")));
    }

    [Fact]
    public void Write_that_was_never_sent_is_found()
    {
        LogEntry[] log = [.. Log, Entry(5, "create", 3, """{"uuid":"d"}""")];

        AssertFound(
            "create order d was never sent",
            Find(log, ("order 2", """{"customer_id":7}"""), ("order 3", """{"uuid":"d"}""")));
    }

    [Fact]
    public void Write_that_appears_after_a_crash_without_it_is_found()
    {
        var check = new CrashCheck(Empty);
        Assert.Empty(check.Find(Acknowledged, InDoubt, Disk(Log, ("order 2", """{"customer_id":7}"""))));
        LogEntry[] late = [Entry(5, "create", 3, """{"uuid":"c"}""")];
        var disk = Disk(late, ("order 2", """{"customer_id":7}"""), ("order 3", """{"uuid":"c"}""")) with { Count = 5 };

        AssertFound("create order c was never sent", check.Find([], [], disk));
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
