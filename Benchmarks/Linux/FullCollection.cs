using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;

namespace Kaffediem.Benchmarks.Linux;

/// <summary>Makes another .NET process run a full garbage collection, over the runtime's diagnostics port.</summary>
internal static class FullCollection
{
    private const string Runtime = "Microsoft-Windows-DotNETRuntime";
    private const long CollectHeap = 0x80_0000; // GCHeapCollectKeyword: a session with it begins with a collection

    // The second collection frees the objects that the first one finalized. The runtime then returns memory gradually.
    private const int Collections = 2;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1.5);

    public static void Run(int pid)
    {
        for (var i = 0; i < Collections; i++)
        {
            var provider = new EventPipeProvider(Runtime, EventLevel.Informational, CollectHeap);
            using var session = new DiagnosticsClient(pid).StartEventPipeSession([provider], requestRundown: false);
            var reading = session.EventStream.CopyToAsync(Stream.Null);
            Thread.Sleep(Pause);
            session.Stop();
            reading.Wait(Pause);
        }
    }
}
