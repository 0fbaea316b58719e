using System.Text.Json;
using Kaffediem.IntegrationTests.Realtime.Property;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability;

/// <summary>What a screen goes by can fail: each fault is planted, and found.</summary>
[Experiment("Kill")]
public sealed class WatchingTests
{
    private const string Topic = "collection:order";
    private const string Snapshot = """{"items":[{"id":1,"n":1}],"seq":5,"epoch":"e"}""";

    private readonly ScreenTopics _topics = new(new Tally());
    private readonly ScreenTopic _orders;

    public WatchingTests()
    {
        _orders = _topics.Get("order");
        _orders.Wanted = new ScreenView("order");
        Join(Since.Nothing, Snapshot);
    }

    [Fact]
    public void What_comes_in_order_is_shown()
    {
        Change("""{"action":"create","record":{"id":2,"n":1},"seq":6}""");
        Change("""{"action":"update","record":{"id":1,"n":2},"seq":8}""");
        Join(Since.Last, """
            {"recovered":true,"changes":[{"action":"delete","record":{"id":2},"seq":9}],"seq":9,"epoch":"e"}
            """);

        Assert.Null(Difference("""[{"id":1,"n":2}]"""));
    }

    [Theory]
    [InlineData("""{"action":"create","record":{"id":1,"n":1},"seq":6}""", "cannot follow")]
    [InlineData("""{"action":"update","record":{"id":2,"n":1},"seq":6}""", "cannot follow")]
    [InlineData("""{"action":"delete","record":{"id":2},"seq":6}""", "cannot follow")]
    [InlineData("""{"action":"create","record":{"id":2,"n":1},"seq":5}""", "seq is not greater")]
    public void A_change_that_is_told_twice_or_out_of_order(string change, string fault)
    {
        Assert.Contains(
            fault, Assert.Throws<InvalidDataException>(() => Change(change)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"recovered":true,"changes":[{"action":"create","record":{"id":1},"seq":6}],"seq":6,"epoch":"e"}""")]
    [InlineData("""{"recovered":true,"changes":[{"action":"create","record":{"id":2},"seq":7}],"seq":6,"epoch":"e"}""")]
    [InlineData("""{"recovered":true,"changes":[],"seq":6,"epoch":"another"}""")]
    public void A_recovery_that_is_none(string response)
    {
        Assert.Throws<InvalidDataException>(() => Join(Since.Last, response));
    }

    [Fact]
    public void A_change_after_the_connection_is_gone()
    {
        _topics.Disconnect();

        Assert.Throws<InvalidDataException>(() => Change("""{"action":"delete","record":{"id":1},"seq":6}"""));
    }

    [Theory]
    [InlineData("""[{"id":1,"n":1},{"id":2,"n":1}]""", "missing [2]")]
    [InlineData("[]", "too many [1]")]
    [InlineData("""[{"id":1,"n":2}]""", "other [1]")]
    public void A_change_that_was_missed(string list, string difference)
    {
        Assert.Contains(difference, Difference(list), StringComparison.Ordinal);
    }

    private void Join(Since since, string response)
    {
        var (_, @ref) = _topics.Ask("phx_join", _orders, _orders.Ask(_orders.Wanted!, since, pick: 0));
        Receive(@ref, "phx_reply", $$"""{"status":"ok","response":{{response}}}""");
    }

    private void Change(string change) => Receive(null, "change", change);

    private void Receive(string? @ref, string @event, string payload) =>
        _topics.Receive(@ref, Topic, @event, JsonElement.Parse(payload));

    private string? Difference(string list) =>
        RecordList.Read(JsonElement.Parse(list)).Difference(_orders.State!.Records);
}
