using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;

namespace Kaffediem.Benchmarks.Linux;

/// <summary>Has another .NET process collect its garbage, all of it, over the runtime's diagnostics port.</summary>
internal static class FullCollection
{
    private const string Runtime = "Microsoft-Windows-DotNETRuntime";
    private const long CollectHeap = 0x80_0000; // GCHeapCollectKeyword: a session that asks for it begins with one

    // The second collects what the first has finalized; then the runtime gives memory back bit by bit.
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
