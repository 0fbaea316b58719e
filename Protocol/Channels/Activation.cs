using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kaffediem.Protocol;

/// <summary>
/// Creates the application's sockets and channels, each in a service scope of its own, and disposes of them. Counts
/// them, so that a shutdown can wait until the last one has been disposed of.
/// </summary>
internal sealed partial class Activation(
    IServiceScopeFactory scopes, PhoenixOptions options, TimeProvider time, ILogger<PhoenixSocket> logger)
{
    private readonly LogThrottle _throttle = new(time);

    // Guards both fields below, for a few instructions at a time: instances are created and disposed of on any thread.
    private readonly Lock _lock = new();
    private TaskCompletionSource? _allEnded;
    private int _count;

    /// <summary>The number of instances that have not been disposed of.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Creates an instance in a new scope. The caller passes both to <see cref="EndAsync"/>.</summary>
    /// <remarks>When the constructor throws, the services that were created for it are disposed of.</remarks>
    public async Task<(T Instance, AsyncServiceScope Scope)> CreateAsync<T>(Func<IServiceProvider, T> create)
    {
        lock (_lock)
        {
            _count++;
        }

        var scope = scopes.CreateAsyncScope();
        try
        {
            return (create(scope.ServiceProvider), scope);
        }
        catch
        {
            await DisposeAsync(scope, typeof(T).Name);
            Leave();
            throw;
        }
    }

    /// <summary>
    /// Disposes of an instance, and then of the services of its scope; asynchronously where they can. Exceptions are
    /// logged, and an instance that takes longer than <see cref="PhoenixOptions.ChannelShutdownTimeout"/> is left
    /// behind.
    /// </summary>
    public async Task EndAsync(object instance, AsyncServiceScope scope)
    {
        await DisposeAsync(instance, instance.GetType().Name);
        await DisposeAsync(scope, instance.GetType().Name);
        Leave();
    }

    /// <summary>Completes when every instance has been disposed of.</summary>
    public Task WaitForAllAsync()
    {
        lock (_lock)
        {
            if (_count == 0)
            {
                return Task.CompletedTask;
            }

            _allEnded ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _allEnded.Task;
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            _count--;
            if (_count == 0)
            {
                _allEnded?.TrySetResult();
                _allEnded = null;
            }
        }
    }

    private async Task DisposeAsync(object instance, string name)
    {
        try
        {
            await Dispose(instance).WaitAsync(options.ChannelShutdownTimeout, time);
        }
        catch (Exception exception)
        {
            if (SocketLog.MayLog(logger, _throttle, exception))
            {
                Log.DisposeFailed(logger, name, Crash.Describe(exception, options.LogExceptionMessages));
            }
        }
    }

    private static Task Dispose(object instance)
    {
        switch (instance)
        {
            case IAsyncDisposable disposable:
                return disposable.DisposeAsync().AsTask();
            case IDisposable disposable:
                disposable.Dispose();
                break;
        }

        return Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Disposing of a {Type}, or of a service in its scope, failed: {Crash}")]
        public static partial void DisposeFailed(ILogger logger, string type, string crash);
    }
}
