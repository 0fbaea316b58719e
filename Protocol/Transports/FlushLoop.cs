using Microsoft.Extensions.Logging;

namespace Kaffediem.Protocol;

/// <summary>
/// The thread that sends. A broadcast only queues frames and marks connections; this thread walks the marked ones and
/// sends all that is queued for each with one non-blocking send (DESIGN, "Sending": level with C++). While it walks,
/// further frames queue up, so bursts merge by themselves. One such thread is best on two cores (measured).
/// </summary>
internal sealed partial class FlushLoop : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    // Guards _dirty and _nextPass, for one Add or one swap at a time.
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _signal = new(0);
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private List<WebSocketTransport> _dirty = [];
    private TaskCompletionSource? _nextPass;
    private volatile bool _isStopping;

    public FlushLoop(ILogger<FlushLoop> logger)
    {
        _logger = logger;
        _thread = new Thread(Run) { IsBackground = true, Name = "Phoenix flush" };
        _thread.Start();
    }

    /// <summary>Marks a connection that has frames queued. It is in the list at most once: its outbox sees to that.</summary>
    public void Add(WebSocketTransport transport)
    {
        bool wake;
        lock (_lock)
        {
            wake = _dirty.Count == 0;
            _dirty.Add(transport);
        }

        if (wake)
        {
            _signal.Release();
        }
    }

    /// <summary>Completes when all connections marked so far have been walked.</summary>
    public Task FlushAsync()
    {
        lock (_lock)
        {
            if (_isStopping)
            {
                return Task.CompletedTask;
            }

            _nextPass ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _signal.Release();
            return _nextPass.Task;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isStopping = true;
        }

        _signal.Release();
        _thread.Join();
        _nextPass?.TrySetResult();
        _signal.Dispose();
    }

    private void Run()
    {
        List<WebSocketTransport> flushing = [];
        var buffer = GC.AllocateArray<byte>(BufferBytes, pinned: true);
        while (!_isStopping)
        {
            _signal.Wait();
            TaskCompletionSource? pass;
            lock (_lock)
            {
                (flushing, _dirty) = (_dirty, flushing);
                (pass, _nextPass) = (_nextPass, null);
            }

            foreach (var transport in flushing)
            {
                Flush(transport, buffer);
            }

            flushing.Clear();
            pass?.TrySetResult();
        }
    }

    // One connection's trouble must not end the sending of all others.
    private void Flush(WebSocketTransport transport, byte[] buffer)
    {
        try
        {
            transport.Flush(buffer);
        }
        catch (Exception exception)
        {
            Log.Failed(_logger, exception);
            transport.Abort();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Sending to a connection failed; it is dropped.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
