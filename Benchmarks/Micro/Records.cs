using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Kaffediem.Persistence.Orders;

namespace Kaffediem.Benchmarks.Micro;

/// <summary>The cost of encoding a record as JSON.</summary>
public class Records
{
    private readonly Order _order =
        JsonSerializer.Deserialize(
            SampleOrder.Record(17, "b6a1a3a0-3b8a-4a0a-9f62-0a58fbd2e3f9"), OrderJson.Wire.Order)!;

    /// <summary>Encodes an order as the change log stores it.</summary>
    [Benchmark(Description = "encode an order")]
    public string Encode() => JsonSerializer.Serialize(_order, OrderJson.Wire.Order);
}
