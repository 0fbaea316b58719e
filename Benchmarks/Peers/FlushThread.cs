using System.Diagnostics.CodeAnalysis;

namespace Kaffediem.Benchmarks.Peers;

/// <summary>
/// Sends for all connections with queued frames. Frames that are queued meanwhile leave together in its next round.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as the process.")]
internal sealed class FlushThread
{
    private const int BufferBytes = 64 * 1024;

    // Guards _dirty: broadcasters add to it, and the thread swaps it.
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _signal = new(0);
    private List<FlushedConnection> _dirty = [];

    public FlushThread()
    {
        new Thread(Run) { IsBackground = true, Name = "Flush" }.Start();
    }

    public void Add(FlushedConnection connection)
    {
        bool wake;
        lock (_lock)
        {
            wake = _dirty.Count == 0;
            _dirty.Add(connection);
        }

        if (wake)
        {
            _signal.Release();
        }
    }

    private void Run()
    {
        List<FlushedConnection> flushing = [];
        var buffer = GC.AllocateArray<byte>(BufferBytes, pinned: true);
        while (true)
        {
            _signal.Wait();
            lock (_lock)
            {
                (flushing, _dirty) = (_dirty, flushing);
            }

            flushing.ForEach(connection => connection.Flush(buffer));
            flushing.Clear();
        }
    }
}
