using Kaffediem.Persistence;
using Kaffediem.Persistence.Transactions;
using Kaffediem.Persistence.Writing;

namespace Kaffediem.IntegrationTests.Persistence.Writing;

/// <summary>Keeps the writer busy with a request, so that the requests a test queues become one batch.</summary>
internal sealed class HeldWriter
{
    // Asynchronous continuations: the test must not continue inside the write.
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new();
    private readonly Task<bool> _write;

    // Not on this thread: a request that finds the queue empty runs on its caller's thread.
    private HeldWriter(Database database) => _write = Task.Run(() => database.WriteAsync(Hold, TestDatabase.Token));

    public static async Task<HeldWriter> StartAsync(Database database)
    {
        var writer = new HeldWriter(database);
        await writer._started.Task;
        return writer;
    }

    public async Task ReleaseAsync()
    {
        _released.SetResult();
        await _write;
    }

    private Written<bool> Hold(WriteTransaction transaction)
    {
        _started.SetResult();
        _released.Task.Wait(TestDatabase.Token);
        return Written.WithoutChange(true);
    }
}
