using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kaffediem.Protocol;

/// <summary>
/// Closes all connections when the server stops (phoenix@167c469 <c>lib/phoenix/socket/pool_drainer.ex</c>): with 1012,
/// so that the clients come back, and in batches, so that they do not all come back at once. Unlike Phoenix's it also
/// reaches sockets without channels (docs/protocol.md, "Drain"). Kestrel stops listening at the same moment and then
/// waits for its connections, so nothing has to wait for this.
/// </summary>
internal sealed partial class SocketDrain : IHostedService
{
    private readonly SocketRegistry _registry;
    private readonly PhoenixOptions _options;
    private readonly TimeProvider _time;
    private readonly Activation _activation;
    private readonly ILogger _logger;
    private readonly CancellationTokenRegistration _stopping;
    private Task _draining = Task.CompletedTask;

    public SocketDrain(
        SocketRegistry registry,
        PhoenixOptions options,
        TimeProvider time,
        Activation activation,
        ILogger<SocketDrain> logger,
        IHostApplicationLifetime lifetime)
    {
        (_registry, _options, _time, _activation, _logger) = (registry, options, time, activation, logger);
        _stopping = lifetime.ApplicationStopping.Register(() => _draining = DrainAsync());
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.DisposeAsync();
        await _draining.WaitAsync(cancellationToken);
        await WaitForDisposalAsync(cancellationToken);
    }

    // The application's services are disposed of after this, so sockets and channels must have been disposed of.
    private async Task WaitForDisposalAsync(CancellationToken cancellationToken)
    {
        var disposal = _activation.WaitForAllAsync();
        await disposal.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!disposal.IsCompleted)
        {
            Log.NotDisposed(_logger, _activation.Count);
        }
    }

    private async Task DrainAsync()
    {
        var transports = _registry.BeginDrain();
        if (transports.Count == 0)
        {
            return;
        }

        Log.Draining(_logger, transports.Count, _options.DrainTime);
        ITransport[][] batches = [.. transports.Chunk(_options.DrainBatchSize)];
        for (var i = 0; i < batches.Length; i++)
        {
            if (i > 0)
            {
                await Task.Delay(_options.DrainTime / batches.Length, _time);
            }

            foreach (var transport in batches[i])
            {
                transport.Close(CloseReason.Draining);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Closing {Count} connections within {DrainTime}.")]
        public static partial void Draining(ILogger logger, int count, TimeSpan drainTime);

        [LoggerMessage(
            LogLevel.Warning,
            "The host stops before {Count} sockets and channels have been disposed of: its time is over.")]
        public static partial void NotDisposed(ILogger logger, int count);
    }
}
