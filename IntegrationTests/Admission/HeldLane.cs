using System.Net;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Persistence;
using Kaffediem.Server.Admission;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Admission;

/// <summary>Keeps the strangers' only reader busy, on behalf of another address, until it is released.</summary>
internal sealed class HeldLane : IDisposable
{
    private readonly ManualResetEventSlim _gate = new();
    private readonly ReadQueue _queue;
    private Task _holding = Task.CompletedTask;

    private HeldLane(ReadQueue queue) => _queue = queue;

    /// <summary>The number of strangers' long reads begun so far, including this one.</summary>
    public long Begun => _queue.Begun;

    public static async Task<HeldLane> TakeAsync(KaffediemServer server)
    {
        var reads = server.Services.GetRequiredService<LongReads>();
        var held = new HeldLane(reads.QueueOf(ReadLane.Bulk));
        var begun = new TaskCompletionSource();
        held._holding = reads.ReadAsync(
            Asker.OfStranger(IPAddress.Parse("192.0.2.1")),
            _ =>
            {
                begun.SetResult();
                return held._gate.Wait(Patience.ForTimeouts);
            },
            CancellationToken.None);
        await begun.Task.WaitAsync(Patience.Limit);
        return held;
    }

    /// <summary>Completes when exactly this many reads wait.</summary>
    public Task UntilWaitingAsync(int count) => Polling.UntilAsync(() => _queue.Waiting == count);

    public void Release() => _gate.Set();

    public void Dispose()
    {
        Release();
        _holding.Wait(Patience.Limit);
        _gate.Dispose();
    }
}
