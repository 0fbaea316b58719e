using System.Collections.Concurrent;

namespace Kaffediem.IntegrationTests.Shop;

/// <summary>Collects what must never happen; the first fault ends the run.</summary>
internal sealed class Faults
{
    private readonly ConcurrentQueue<string> _faults = new();

    public void Add(string fault) => _faults.Enqueue(fault);

    public void Verify() => Assert.True(_faults.IsEmpty, string.Join('\n', _faults.Take(5)));
}
