using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.Parsers.Clr;

namespace Kaffediem.IntegrationTests.Reliability.Soak;

/// <summary>What another .NET process still refers to, as its runtime says after it has collected all garbage.</summary>
/// <param name="Objects">Bytes of all objects but pinned ones.</param>
/// <param name="Pinned">Bytes of the pinned ones: nearly all are blocks of Kestrel's pool, which shrinks with time only.</param>
internal sealed record LiveHeap(long Objects, long Pinned)
{
    private const string Runtime = "Microsoft-Windows-DotNETRuntime";
    private const long Collections = 0x1; // GCKeyword
    private const long Collect = 0x80_0000; // GCHeapCollectKeyword: a session that asks for it begins with a collection
    private const int All = 2; // generation 2, and with it everything

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Has the process collect, twice: the second collects what the first has finalized.</summary>
    public static async Task<LiveHeap> MeasureAsync(int id)
    {
        await CollectAsync(id);
        return await CollectAsync(id);
    }

    private static async Task<LiveHeap> CollectAsync(int id)
    {
        var provider = new EventPipeProvider(Runtime, EventLevel.Informational, Collections | Collect);
        using var session = new DiagnosticsClient(id).StartEventPipeSession([provider], requestRundown: false);
        var told = new TaskCompletionSource<LiveHeap>(TaskCreationOptions.RunContinuationsAsynchronously);
        var reading = Task.Run(() => Read(session.EventStream, told));
        var live = await told.Task.WaitAsync(Patience);
        await session.StopAsync(CancellationToken.None);
        await reading;
        return live;
    }

    private static void Read(Stream events, TaskCompletionSource<LiveHeap> told)
    {
        try
        {
            using var source = new EventPipeEventSource(events);
            var isWanted = false;
            source.Clr.GCStart += start => isWanted = start.Depth == All && start.Type == GCType.NonConcurrentGC;
            source.Clr.GCHeapStats += stats =>
            {
                if (isWanted)
                {
                    told.TrySetResult(new LiveHeap(stats.TotalPromoted - stats.TotalPromotedSize4, stats.TotalPromotedSize4));
                }
            };
            source.Process();
            told.TrySetException(new InvalidOperationException("The process did not say what it has collected."));
        }
        catch (Exception exception)
        {
            told.TrySetException(exception);
        }
    }
}
