namespace Kaffediem.Server.Background;

/// <summary>Work that the server does again and again.</summary>
internal interface IPeriodicWork
{
    /// <summary>How often.</summary>
    TimeSpan Interval { get; }

    /// <summary>Does it once.</summary>
    Task RunAsync(CancellationToken cancellationToken);

    /// <summary>Logs that it has failed this time.</summary>
    void LogFailure(Exception exception);
}

/// <summary>Runs a piece of work at the start and then at its interval. A failure does not end it.</summary>
internal sealed class PeriodicWork<TWork>(TWork work, TimeProvider time) : BackgroundService
    where TWork : class, IPeriodicWork
{
    // Created here, because ExecuteAsync may begin after the start, when the virtual clock of a test has moved on.
    private readonly PeriodicTimer _timer = new(work.Interval, time);

    public override void Dispose()
    {
        _timer.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            do
            {
                await TryRunAsync(stoppingToken);
            }
            while (await _timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server is stopping, or could not start.
        }
    }

    private async Task TryRunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await work.RunAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The next run may succeed. An exception out of a background service would stop the server.
            work.LogFailure(exception);
        }
    }
}

/// <summary>Registers work.</summary>
internal static class PeriodicWorkExtensions
{
    public static void AddPeriodicWork<TWork>(this IServiceCollection services) where TWork : class, IPeriodicWork
    {
        services.AddSingleton<TWork>();
        services.AddHostedService<PeriodicWork<TWork>>();
    }
}
