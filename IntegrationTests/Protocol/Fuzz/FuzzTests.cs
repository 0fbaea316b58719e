using System.Diagnostics;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Protocol.Fuzz;

/// <summary>
/// Whatever a client sends: no exception, no answer that phoenix.js cannot decode, no harm to anybody else, no growth
/// of memory. <c>KAFFEDIEM_TESTS_MINUTES</c> sets how long each kind runs, and <c>KAFFEDIEM_TESTS_CASE</c> repeats one
/// case.
/// </summary>
[Experiment("Fuzz")]
[Collection(nameof(Alone))]
public sealed class FuzzTests
{
    [Fact]
    public Task V1_messages() => FuzzRun.RunAsync(
        nameof(V1_messages),
        (app, fuzzCase) => WebSocketFuzz.MessagesAsync(app, fuzzCase, 1, random => FuzzMessage.Make(random, 1)));

    [Fact]
    public Task V2_messages() => FuzzRun.RunAsync(
        nameof(V2_messages),
        (app, fuzzCase) => WebSocketFuzz.MessagesAsync(app, fuzzCase, 2, random => FuzzMessage.Make(random, 2)));

    [Fact]
    public Task V2_binary_messages() => FuzzRun.RunAsync(
        nameof(V2_binary_messages),
        (app, fuzzCase) => WebSocketFuzz.MessagesAsync(app, fuzzCase, 2, FuzzMessage.MakeBinary));

    [Fact]
    public Task WebSocket_frames() => FuzzRun.RunAsync(nameof(WebSocket_frames), WebSocketFuzz.FramesAsync);

    [Fact]
    public Task LongPoll_bodies() => FuzzRun.RunAsync(nameof(LongPoll_bodies), LongPollFuzz.BodiesAsync);

    [Fact]
    public Task LongPoll_tokens() => FuzzRun.RunAsync(nameof(LongPoll_tokens), LongPollFuzz.TokensAsync);

    [Fact]
    public Task Query_strings() => FuzzRun.RunAsync(nameof(Query_strings), HandshakeFuzz.QueriesAsync);

    [Fact]
    public Task Headers() => FuzzRun.RunAsync(nameof(Headers), HandshakeFuzz.HeadersAsync);

    /// <summary>The memory in use belongs to the whole process, so nothing else runs meanwhile.</summary>
    [CollectionDefinition(nameof(Alone), DisableParallelization = true)]
    public sealed class Alone;
}

/// <summary>
/// Runs cases of one kind, a few side by side, until the time is up, and checks the server after every batch.
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
        Report("begins");
        for (var checkpoint = 1; checkpoint <= Checkpoints; checkpoint++)
        {
            do
            {
                await RunBatchAsync(app);
                if (elapsed.Elapsed > progress)
                {
                    Report($"has run {_next} cases");
                    progress = elapsed.Elapsed + ProgressPeriod;
                }
            }
            while (elapsed.Elapsed < Duration * checkpoint / Checkpoints);

            if (checkpoint == 1)
            {
                await app.VerifyNothingIsLeftAsync(); // the memory is not checked yet: first use allocates
            }
            else
            {
                await app.VerifyMemoryAsync();
            }
        }

        Report($"ends after {_next} cases");
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

    private void Report(string what) =>
        Console.WriteLine($"{DateTime.UtcNow:HH:mm:ss} fuzzing {kind}, seed {TestSettings.FuzzSeed}: {what}");
}
