using Kaffediem.Server.Accounts;

namespace Kaffediem.IntegrationTests.Accounts;

public sealed class PasswordVerifierTests
{
    private static readonly LineShare Share = LineShare.OfStranger(address: null);

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("not a hash")]
    [InlineData("")]
    [InlineData("$2b$12$short")]
    [InlineData("$2b$99$TO3iRJde8zDZ6V8.Wj1z.Oq5OSf7bjWWDEGlyI4jWqOeB3JlT3YMu")]
    public async Task Malformed_hash_matches_no_password(string hash)
    {
        var verifier = new PasswordVerifier(Password.Matches);

        Assert.Equal(PasswordCheck.Differs, await verifier.CheckAsync("x", hash, Share, CancellationToken));
    }

    /// <summary>So that the time of a refusal does not tell whether there is such an account.</summary>
    [Fact]
    public void Comparison_with_nobodys_hash_costs_as_much_as_with_a_users()
    {
        Assert.Equal("12", PasswordVerifier.NobodysHash.Split('$')[2]);
        Assert.Equal("12", Password.Hash("god kaffe").Split('$')[2]);
    }

    [Fact]
    public async Task Match_with_the_hash_for_unknown_users_counts_as_different()
    {
        var verifier = new PasswordVerifier((_, _) => true);

        Assert.Equal(PasswordCheck.Matches, await verifier.CheckAsync("x", "a hash", Share, CancellationToken));
        Assert.Equal(PasswordCheck.Differs, await verifier.CheckAsync("x", null, Share, CancellationToken));
    }

    [Fact]
    public async Task Password_over_1000_characters_is_not_compared()
    {
        var verifier = new PasswordVerifier((_, _) => true);

        var check = await verifier.CheckAsync(new string('x', 1001), "a hash", Share, CancellationToken);

        Assert.Equal(PasswordCheck.Differs, check);
    }

    [Fact]
    public async Task Comparison_is_refused_when_too_many_wait()
    {
        using var opened = new ManualResetEventSlim();
        var verifier = new PasswordVerifier((_, _) =>
        {
            opened.Wait(CancellationToken);
            return true;
        });

        var running = Math.Max(1, Environment.ProcessorCount - 1);
        var waiting = Enumerable.Range(0, running + 200)
            .Select(_ => verifier.CheckAsync("x", "a hash", Share, CancellationToken)).ToArray();
        var late = await verifier.CheckAsync("x", "a hash", Share, CancellationToken);
        opened.Set();

        Assert.Equal(PasswordCheck.TooBusy, late);
        Assert.All(await Task.WhenAll(waiting), check => Assert.Equal(PasswordCheck.Matches, check));
        Assert.Equal(PasswordCheck.Matches, await verifier.CheckAsync("x", "a hash", Share, CancellationToken));
    }

    [Fact]
    public async Task At_most_as_many_passwords_are_compared_at_once_as_there_are_turns()
    {
        var running = 0;
        var most = 0;
        var counting = new Lock();
        var verifier = new PasswordVerifier((_, _) =>
        {
            lock (counting)
            {
                most = Math.Max(most, ++running);
            }

            Thread.SpinWait(10_000);
            lock (counting)
            {
                running--;
            }

            return true;
        });

        await Task.WhenAll(Enumerable.Range(0, 50)
            .Select(_ => verifier.CheckAsync("x", "a hash", Share, CancellationToken)));

        Assert.InRange(most, 1, PasswordVerifier.Turns);
    }

    [Fact]
    public async Task Passwords_are_not_compared_on_threads_of_the_pool()
    {
        var verifier = new PasswordVerifier((_, _) => !Thread.CurrentThread.IsThreadPoolThread);

        Assert.Equal(PasswordCheck.Matches, await verifier.CheckAsync("x", "a hash", Share, CancellationToken));
    }
}
