using System.Diagnostics;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol.Fuzz;

/// <summary>
/// Runs cases of one kind, a few side by side, until the time is up; after every batch looks at the server.
/// </summary>
internal sealed class FuzzRun(string kind, Func<FuzzApp, FuzzCase, Task> runCase)
{
    private const int BatchSize = 8;
    private const int Checkpoints = 4;

    private static readonly TimeSpan ProgressPeriod = TimeSpan.FromSeconds(30);

    private static TimeSpan Duration => TestSettings.Time(
        quick: TimeSpan.FromSeconds(1), full: TimeSpan.FromSeconds(6), @long: TimeSpan.FromMinutes(10));

    private long _next;

    public static async Task RunAsync(string kind, Func<FuzzApp, FuzzCase, Task> runCase)
    {
        await using var app = await FuzzApp.StartAsync();
        var run = new FuzzRun(kind, runCase);
        try
        {
            await (TestSettings.Case is { } index ? run.RunOneAsync(app, index) : run.RunAllAsync(app));
        }
        catch (Exception exception)
        {
            throw app.WithLog(exception);
        }
    }

    private async Task RunOneAsync(FuzzApp app, long index)
    {
        await RunCaseAsync(app, index);
        await app.VerifyAsync();
    }

    private async Task RunAllAsync(FuzzApp app)
    {
        var elapsed = Stopwatch.StartNew();
        var progress = ProgressPeriod;
        Tell("begins");
        for (var checkpoint = 1; checkpoint <= Checkpoints; checkpoint++)
        {
            do
            {
                await RunBatchAsync(app);
                if (elapsed.Elapsed > progress)
                {
                    Tell($"has run {_next} cases");
                    progress = elapsed.Elapsed + ProgressPeriod;
                }
            }
            while (elapsed.Elapsed < Duration * checkpoint / Checkpoints);

            if (checkpoint == 1)
            {
                await app.VerifyNothingIsLeftAsync(); // and not yet the memory: everything has just been used first
            }
            else
            {
                await app.VerifyMemoryAsync();
            }
        }

        Tell($"ends after {_next} cases");
    }

    private async Task RunBatchAsync(FuzzApp app)
    {
        var first = _next;
        _next += BatchSize;
        await Task.WhenAll(Enumerable.Range(0, BatchSize).Select(i => RunCaseAsync(app, first + i)));
        try
        {
            await app.VerifyAsync();
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(
                $"Fuzzing {kind} failed: {exception.Message}\n" +
                $"One or more of {TestSettings.RepeatCase(first)} to {_next - 1} did it.",
                exception);
        }
    }

    private async Task RunCaseAsync(FuzzApp app, long index)
    {
        var fuzzCase = new FuzzCase(kind, index);
        try
        {
            await runCase(app, fuzzCase);
        }
        catch (Exception exception)
        {
            throw fuzzCase.Failure(exception);
        }
    }

    private void Tell(string what) =>
        Console.WriteLine($"{DateTime.UtcNow:HH:mm:ss} fuzzing {kind}, seed {TestSettings.FuzzSeed}: {what}");
}
