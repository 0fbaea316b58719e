using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Kaffediem.IntegrationTests.Protocol.Fuzz;

/// <summary>
/// The server under fuzz, with an honest client on it that must not be affected. Time stands still while a case runs,
/// so that no timeout ends anything on a slow machine.
/// </summary>
internal sealed class FuzzApp : IAsyncDisposable
{
    // Longer than a long-poll session lives without a poll (1.5 times its window), shorter than the idle timeout.
    private static readonly TimeSpan SessionEnd = TimeSpan.FromSeconds(16);

    // Far above what the runtime caches, far below what a leak adds up to in an hour.
    private const long MaxGrowthBytes = 16 * 1024 * 1024;

    private readonly FakeTimeProvider _time;
    private readonly Living _living;
    private readonly MeterReader _meter;
    private readonly PhoenixApp _app;
    private WireClient _honest = null!;
    private long _bytes;
    private int _round;

    private FuzzApp(PhoenixApp app, FakeTimeProvider time, Living living)
    {
        (_app, _time, _living) = (app, time, living);
        _meter = new MeterReader(app);
    }

    public Uri Address => _app.Address;

    public static async Task<FuzzApp> StartAsync()
    {
        var (time, living) = (new FakeTimeProvider(), new Living());
        var app = await PhoenixApp.StartAsync(
            Configure,
            time: time,
            configureBuilder: builder => builder.Services.AddSingleton(living),
            configureApp: application => application.MapPhoenixSocket<FuzzSocket>("/fuzz"));

        // docs/sockets.md, "Binary payloads": a long-poll client asked for bytes; a ref too long for a binary frame
        // crashes its channel.
        app.Logs.Expect("A client of FuzzSocket could not be sent a binary payload");
        app.Logs.Expect("crashed in \"bytes\": System.ArgumentException");
        app.Logs.Expect("more failures like the next one");
        var fuzzed = new FuzzApp(app, time, living);
        fuzzed._honest = await WireClient.ConnectAsync(app.Address, path: "/fuzz");
        Assert.Equal("ok", (await fuzzed._honest.JoinAsync("honest")).Status);
        Assert.Equal("early", (await fuzzed._honest.ReceiveAsync()).Event);
        return fuzzed;
    }

    /// <summary>
    /// The honest client is unharmed, nothing unexpected was logged, and every other connection has ended.
    /// </summary>
    public async Task VerifyAsync()
    {
        var @event = $"round {++_round}";
        _app.Endpoint.Broadcast("honest", @event, Payload.Empty);
        Assert.Equal(@event, (await _honest.ReceiveAsync()).Event);
        await _honest.AssertSilentAsync();

        await _meter.ReachAsync("phoenix.connections transport=websocket vsn=1.0.0", 0);
        await _meter.ReachAsync("phoenix.connections transport=websocket vsn=2.0.0", 1); // the honest client
        await EndPollingAsync();
        _app.Logs.VerifyAndForget();
    }

    /// <summary>No ended socket or channel is left in memory.</summary>
    public async Task VerifyNothingIsLeftAsync()
    {
        // The honest client's socket and channel. A thread's stack may still refer to an object that has just ended.
        using var patience = new CancellationTokenSource(Patience.Limit);
        while (Collect() > 2)
        {
            Assert.False(
                patience.IsCancellationRequested, $"{_living.Count} sockets and channels are left over, not 2.");
            await EndPollingAsync();
            await Task.Yield();
        }
    }

    /// <summary>The memory has not grown since the last call.</summary>
    public async Task VerifyMemoryAsync()
    {
        await VerifyNothingIsLeftAsync();
        var bytes = GC.GetTotalMemory(forceFullCollection: true);
        Assert.True(
            _bytes == 0 || bytes - _bytes < MaxGrowthBytes, $"The memory in use grew from {_bytes} to {bytes} bytes.");
        _bytes = bytes;
    }

    /// <summary>A failure with the server's log.</summary>
    public Exception WithLog(Exception failure)
    {
        var logged = Record.Exception(_app.Logs.Verify)?.Message;
        _app.Logs.Expect(""); // anything: the test fails with the failure
        return new InvalidOperationException($"{failure.Message}\n{logged}", failure);
    }

    public async ValueTask DisposeAsync()
    {
        _honest.Dispose();
        _meter.Dispose();
        await _app.DisposeAsync();
    }

    private static void Configure(PhoenixOptions options)
    {
        options.MaxMessagesPerSecond = int.MaxValue;
        options.MaxMessageBurst = int.MaxValue;
        options.MaxOutboxBytes = int.MaxValue / 16; // cases run side by side, and none may slow another down
        options.MaxChannelsPerSocket = 8;
    }

    // The server may read an aborted poll only now, and it may be a session's last sign of life.
    private async Task EndPollingAsync()
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        _time.Advance(SessionEnd);
        while (_meter["phoenix.connections"] is { Count: > 1 } open)
        {
            Assert.False(patience.IsCancellationRequested, $"Left over: {string.Join(", ", open)}");
            await _honest.AssertSilentAsync();
            _time.Advance(SessionEnd);
        }
    }

    private long Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return _living.Count;
    }
}
