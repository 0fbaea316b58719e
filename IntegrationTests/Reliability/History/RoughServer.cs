using Kaffediem.IntegrationTests.Shop;
using Kaffediem.IntegrationTests.Shop.History;
using Kaffediem.IntegrationTests.Shop.Servers;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Reliability.History;

/// <summary>The server, always at the same address, with random faults.</summary>
internal sealed class RoughServer(ShopFolder shop, SeededRandom random, ShopHistory history, Tally tally) : IDisposable
{
    // In milliseconds.
    private const int LongestQuiet = 600;
    private const int LongestStop = 1000;
    private const int VeryLongStop = 3000;

    private const int MostWrites = 100;

    private ServerProcess? _process;

    public Uri Address { get; } = new($"http://127.0.0.1:{FreePort.Pick(random)}");

    /// <summary>
    /// Without <c>FullSync</c> the start after a kill makes a new epoch, and no <c>since</c> is recovered.
    /// </summary>
    public async Task StartAsync() => _process = await ServerProcess.StartAsync(
        shop.Database, ServerProcess.AsItIs, $"--urls={Address}", $"--Database:FullSync={!random.OneIn(4)}");

    /// <summary>Suffers a fault, or none, and then serves.</summary>
    /// <param name="draining">Drains it, by <see cref="DrainAsync"/>.</param>
    public async Task SufferAsync(Func<Task> draining)
    {
        // After some time, or after a number of writes: on a slow machine few writes are done after any short time.
        await (random.OneIn(3)
            ? Task.Delay(random.Below(LongestQuiet))
            : ReachAsync(history.Written + 1 + random.Below(MostWrites)));
        switch (random.Below(8))
        {
            case 0 or 1:
                await KillAsync("kill -9");
                await StartAsync();
                break;
            case 2:
                await StopAsync();
                await KillAsync("kill -9 of the stopped server");
                await StartAsync();
                break;
            case 3 or 4:
                await draining();
                await StartAsync();
                break;
            case 5 or 6:
                await StopAsync();
                Record("SIGCONT");
                await _process!.SignalAsync("CONT");
                break;
        }
    }

    /// <summary>Asks it to stop and waits for an orderly exit.</summary>
    public async Task DrainAsync()
    {
        Record("SIGTERM");
        Assert.Equal(0, await _process!.StopAsync());
        Record("ended");
        End();
    }

    public async Task KillAsync(string what)
    {
        if (_process is null)
        {
            return;
        }

        Record(what);
        await _process.KillAsync();
        End();
    }

    public void Dispose() => _process?.Dispose();

    private Task ReachAsync(int written) =>
        Polling.UntilAsync(() => history.Written >= written, Patience.ForTimeouts);

    private async Task StopAsync()
    {
        Record("SIGSTOP");
        await _process!.SignalAsync("STOP");
        await Task.Delay(random.Below(random.OneIn(4) ? VeryLongStop : LongestStop));
    }

    // None of these faults may cause an error in the server's log.
    private void End()
    {
        var output = _process!.Output;
        _process.Dispose();
        _process = null;
        var errors = output.Where(line => ServerLog.LevelOf(line) is "fail" or "crit"
            || line.StartsWith("Unhandled", StringComparison.Ordinal));
        Assert.True(!errors.Any(), string.Join('\n', output.TakeLast(20)));
    }

    private void Record(string what)
    {
        history.Add(new Happened(Happened.ToServer, what));
        tally.Count(what);
    }
}
