using Kaffediem.IntegrationTests.Realtime.Property;

namespace Kaffediem.IntegrationTests.Reliability.Hostile;

/// <summary>What the honest ones and the server are looked at by can fail: each fault is planted, and found.</summary>
public sealed class HostileCheckTests
{
    private static readonly long[] Log = [3, 5, 6, 9];

    [Fact]
    public void Who_was_told_of_everything_was_told_of_everything()
    {
        Assert.Null(ToldCheck.Find([Told(3, 5, 6, 9)], Log));
        Assert.Null(ToldCheck.Find([Told(9)], Log));
    }

    [Fact]
    public void A_gap_a_double_a_change_out_of_order_and_the_last_one_missing_are_found()
    {
        Assert.Equal("it was told of 2 changes instead of 3, not of [6]", ToldCheck.Find([Told(3, 5, 9)], Log));
        Assert.Equal("it was told of 2 changes instead of 3, not of [9]", ToldCheck.Find([Told(3, 5, 6)], Log));
        Assert.NotNull(ToldCheck.Find([Told(3, 5, 5, 6, 9)], Log));
        Assert.NotNull(ToldCheck.Find([Told(3, 6, 5, 9)], Log));
    }

    [Fact]
    public void Who_had_to_join_again_was_disconnected()
    {
        Assert.Equal("it has joined 2 times", ToldCheck.Find([Told(3, 5), Told(5, 6, 9)], Log));
        Assert.Equal("it has joined 0 times", ToldCheck.Find([], Log));
    }

    [Theory]
    [InlineData("2026-11-24T09:00:00Z warn: Kaffediem.Protocol.FlushLoop[1] Something is odd.")]
    [InlineData("2026-11-24T09:00:00Z fail: Kaffediem.Protocol.FlushLoop[1] Sending failed.")]
    [InlineData("2026-11-24T09:00:00Z crit: Microsoft.AspNetCore.Server.Kestrel[0] Unhandled.")]
    [InlineData("Unhandled exception. System.OutOfMemoryException")]
    [InlineData("2026-11-24T09:00:00Z info: Kaffediem.Server[0] \u001b[31mRed")]
    [InlineData("2026-11-24T09:00:00Z dbug: Kaffediem.Server[0] The password right-battery-staple is wrong.")]
    public void An_error_a_warning_and_a_secret_in_the_log_are_found(string line)
    {
        Assert.Equal([$"The log has: {line}"], ServerLog.Find([line], ["right-battery-staple"]));
    }

    [Theory]
    [InlineData("2026-11-24T09:00:00Z info: Kaffediem.Server[0] Kaffediem listens on http://127.0.0.1:4000")]
    [InlineData("2026-11-24T09:00:00Z warn: Kaffediem.Server.Accounts.SignInLimiter[1] Sign-ins to an account are refused for now: 10 have failed.")]
    public void What_it_says_of_itself_and_of_passwords_is_no_fault(string line)
    {
        Assert.Empty(ServerLog.Find([line], ["right-battery-staple"]));
    }

    [Fact]
    public void Lines_that_are_said_only_to_who_asks_for_more_do_not_count()
    {
        string[] lines =
        [
            "2026-11-24T09:00:00Z dbug: Kaffediem.Server[0] Hei", "2026-11-24T09:00:00Z info: Kaffediem.Server[0] Hei", "Hei",
        ];

        Assert.Equal(2, ServerLog.CountTold(lines));
    }

    private static Told Told(long from, params long[] seqs)
    {
        var told = new Told(new ScreenView(ScreenView.Order), from);
        Array.ForEach(seqs, told.Add);
        return told;
    }
}
