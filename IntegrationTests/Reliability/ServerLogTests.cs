using System.Collections.Concurrent;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability;

/// <summary>What is looked for in a server's output is found: each fault is planted.</summary>
[Experiment("Soak")]
public sealed class ServerLogTests
{
    private readonly ConcurrentQueue<string> _output = [];
    private readonly ServerLog _log;

    public ServerLogTests() => _log = new ServerLog(_output);

    [Fact]
    public void What_a_server_usually_says_is_no_fault()
    {
        Say("2026-11-24T10:00:00Z info: Kaffediem.Server[0] Kaffediem listens on http://127.0.0.1:4000", "");

        Assert.Empty(_log.Faults);
        Assert.Equal((1, 0), (_log.Lines, _log.ExpectedWarnings));
        Assert.Empty(_output);
    }

    [Theory]
    [InlineData("2026-11-24T10:00:00Z warn: Kaffediem.Server.Accounts.SignInLimiter[0] Sign-ins are refused for now.")]
    [InlineData("2026-11-24T10:00:00Z fail: Kaffediem.Protocol.Transports[0] Sending to a connection failed.")]
    [InlineData("2026-11-24T10:00:00Z crit: Kaffediem.Protocol.Channels[0] The loop of topic \"x\" failed.")]
    [InlineData("Unhandled exception. System.OutOfMemoryException: Array dimensions exceeded supported range.")]
    [InlineData("   at Kaffediem.Server.Program.Main()")]
    public void A_warning_that_is_not_expected(string line)
    {
        Say(line);

        Assert.Equal([line], _log.Faults);
    }

    [Fact]
    public void An_expected_one_is_counted()
    {
        foreach (var text in ServerLog.Expected.Keys)
        {
            Say($"2026-11-24T10:00:00Z warn: Microsoft.AspNetCore.Server.Kestrel[22] As of now, {text} 1 s.");
        }

        Assert.Empty(_log.Faults);
        Assert.Equal(ServerLog.Expected.Count, _log.ExpectedWarnings);
    }

    [Fact]
    public void What_one_run_expects_is_a_fault_in_another()
    {
        const string Line =
            "2026-11-24T10:00:00Z warn: Kaffediem.Server.Accounts.SignInLimiter[0] Sign-ins are refused for now.";
        var log = new ServerLog(_output, "are refused for now");
        _output.Enqueue(Line);
        log.Read();
        Say(Line);

        Assert.Empty(log.Faults);
        Assert.Equal([Line], _log.Faults);
    }

    [Fact]
    public void What_a_terminal_takes_for_a_command()
    {
        Say("2026-11-24T10:00:00Z info: Kaffediem.Protocol[0] JOINED \u001b[31mred: ok.");

        Assert.Single(_log.Faults);
    }

    [Fact]
    public void Lines_that_are_only_for_who_asks_for_more_are_told_apart()
    {
        Say(
            "2026-11-24T10:00:00Z dbug: Kaffediem.Protocol[0] CONNECTED",
            "2026-11-24T10:00:00Z info: Kaffediem.Server[0] Hei");

        Assert.Equal((2, 1), (_log.Lines, _log.LinesForAll));
    }

    [Fact]
    public void A_name_that_is_said_in_passing()
    {
        _log.Conceal("Anna Hansen");
        Say("2026-11-24T10:00:00Z info: Kaffediem.Server.Accounts[0] Anna Hansen has signed in.");

        Assert.Contains("\"Anna Hansen\" is said", Assert.Single(_log.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void However_much_goes_wrong_little_is_kept()
    {
        for (var i = 0; i < 1000; i++)
        {
            Say($"2026-11-24T10:00:00Z fail: Kaffediem.Server[0] {i}");
        }

        Assert.InRange(_log.Faults.Count, 1, 20);
        Assert.Equal(1000, _log.Lines);
    }

    private void Say(params string[] lines)
    {
        Array.ForEach(lines, _output.Enqueue);
        _log.Read();
    }
}
