using System.Text.Json;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>The checks of a screen can fail: each planted fault is found.</summary>
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
        Join(ResumeFrom.Nothing, Snapshot);
    }

    [Fact]
    public void Changes_in_order_are_shown()
    {
        Change("""{"action":"create","record":{"id":2,"n":1},"seq":6}""");
        Change("""{"action":"update","record":{"id":1,"n":2},"seq":8}""");
        Join(ResumeFrom.Last, """
            {"recovered":true,"changes":[{"action":"delete","record":{"id":2},"seq":9}],"seq":9,"epoch":"e"}
            """);

        Assert.Null(Difference("""[{"id":1,"n":2}]"""));
    }

    [Theory]
    [InlineData("""{"action":"create","record":{"id":1,"n":1},"seq":6}""", "cannot follow")]
    [InlineData("""{"action":"update","record":{"id":2,"n":1},"seq":6}""", "cannot follow")]
    [InlineData("""{"action":"delete","record":{"id":2},"seq":6}""", "cannot follow")]
    [InlineData("""{"action":"create","record":{"id":2,"n":1},"seq":5}""", "seq is not greater")]
    public void Change_that_comes_twice_or_out_of_order_is_found(string change, string fault)
    {
        Assert.Contains(
            fault, Assert.Throws<InvalidDataException>(() => Change(change)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"recovered":true,"changes":[{"action":"create","record":{"id":1},"seq":6}],"seq":6,"epoch":"e"}""")]
    [InlineData("""{"recovered":true,"changes":[{"action":"create","record":{"id":2},"seq":7}],"seq":6,"epoch":"e"}""")]
    [InlineData("""{"recovered":true,"changes":[],"seq":6,"epoch":"another"}""")]
    public void Invalid_recovery_is_found(string response)
    {
        Assert.Throws<InvalidDataException>(() => Join(ResumeFrom.Last, response));
    }

    [Fact]
    public void Change_after_the_connection_ended_is_found()
    {
        _topics.Disconnect();

        Assert.Throws<InvalidDataException>(() => Change("""{"action":"delete","record":{"id":1},"seq":6}"""));
    }

    [Theory]
    [InlineData("""[{"id":1,"n":1},{"id":2,"n":1}]""", "record 2 is missing")]
    [InlineData("[]", "instead of missing")]
    [InlineData("""[{"id":1,"n":2}]""", """record 1 is {"id":1,"n":1}""")]
    public void Missed_change_is_found(string list, string difference)
    {
        Assert.Contains(difference, Difference(list), StringComparison.Ordinal);
    }

    private void Join(ResumeFrom since, string response)
    {
        var message = _topics.Join(_orders.Wanted!, since);
        Receive(message.Ref, "phx_reply", $$"""{"status":"ok","response":{{response}}}""");
    }

    private void Change(string change) => Receive(null, "change", change);

    private void Receive(string? @ref, string @event, string payload) =>
        _topics.Receive(@ref, Topic, @event, JsonElement.Parse(payload));

    private string? Difference(string list) =>
        RecordList.Read(JsonElement.Parse(list)).Difference(_orders.State!.Records);
}
