using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.Parsers.Clr;

namespace Kaffediem.IntegrationTests.Reliability.Soak;

/// <summary>The live objects of another .NET process, as its runtime reports them after a full collection.</summary>
internal static class LiveHeap
{
    private const string Runtime = "Microsoft-Windows-DotNETRuntime";
    private const long Collections = 0x1; // GCKeyword
    private const long Collect = 0x80_0000; // GCHeapCollectKeyword: a session that asks for it begins with a collection
    private const int All = 2; // generation 2, and with it everything

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Makes the process collect twice: the second collection frees what the first has finalized.</summary>
    /// <returns>The bytes of all live objects.</returns>
    public static async Task<long> MeasureAsync(int id)
    {
        await CollectAsync(id);
        return await CollectAsync(id);
    }

    private static async Task<long> CollectAsync(int id)
    {
        var provider = new EventPipeProvider(Runtime, EventLevel.Informational, Collections | Collect);
        using var session = new DiagnosticsClient(id).StartEventPipeSession([provider], requestRundown: false);
        var live = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var reading = Task.Run(() => Read(session.EventStream, live));
        await Task.WhenAny(live.Task, reading).WaitAsync(Patience);
        Assert.True(live.Task.IsCompleted, $"The process did not report its collection. {reading.Exception}");
        await session.StopAsync(CancellationToken.None);
        await reading;
        return await live.Task;
    }

    private static void Read(Stream events, TaskCompletionSource<long> live)
    {
        using var source = new EventPipeEventSource(events);
        var isWanted = false;
        source.Clr.GCStart += start => isWanted = start.Depth == All && start.Type == GCType.NonConcurrentGC;
        source.Clr.GCHeapStats += stats =>
        {
            if (isWanted)
            {
                live.TrySetResult(stats.TotalPromoted);
            }
        };
        source.Process();
    }
}
