using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Kaffediem.Protocol;

namespace Kaffediem.Benchmarks.Micro;

/// <summary>The work of the serializers for each message, in both versions of the wire format.</summary>
public class Frames
{
    private const string Topic = "collection:order";

    private static readonly JsonReaderOptions Reading = new() { MaxDepth = new PhoenixOptions().MaxJsonDepth };
    private static readonly byte[] Quoted = Encoding.UTF8.GetBytes($"\"{Topic}\"");

    private static readonly Reply Reply = new(
        new Ref("\"1\""u8.ToArray()), new Ref("\"5\""u8.ToArray()), Quoted, "ok", Payload.Empty);

    private static readonly Broadcast Change = new(
        Topic, "change", Payload.FromJson(Encoding.UTF8.GetBytes(SampleOrder.Change(17))));

    private readonly V1JsonSerializer _v1 = new(Reading);
    private readonly V2JsonSerializer _v2 = new(Reading);

    private readonly byte[] _v1Push = Encoding.UTF8.GetBytes(
        $$"""{"topic":"{{Topic}}","event":"create","payload":{{SampleOrder.Request}},"ref":"5","join_ref":"1"}""");

    private readonly byte[] _v2Push = Encoding.UTF8.GetBytes($"""["1","5","{Topic}","create",{SampleOrder.Request}]""");

    /// <summary>A client's push whose payload is a request for an order.</summary>
    [Benchmark(Description = "V1: decode a push")]
    public object DecodeV1() => _v1.Decode(_v1Push, isBinary: false);

    /// <inheritdoc cref="DecodeV1"/>
    [Benchmark(Description = "V2: decode a push")]
    public object DecodeV2() => _v2.Decode(_v2Push, isBinary: false);

    /// <summary>A short reply, for example to a heartbeat.</summary>
    [Benchmark(Description = "V1: encode a reply")]
    public int ReplyV1() => _v1.Encode(Reply).Length;

    /// <inheritdoc cref="ReplyV1"/>
    [Benchmark(Description = "V2: encode a reply")]
    public int ReplyV2() => _v2.Encode(Reply).Length;

    /// <summary>A change for all subscribers, encoded once per serializer.</summary>
    [Benchmark(Description = "V1: encode a broadcast")]
    public int BroadcastV1() => _v1.Encode(Change).Length;

    /// <inheritdoc cref="BroadcastV1"/>
    [Benchmark(Description = "V2: encode a broadcast")]
    public int BroadcastV2() => _v2.Encode(Change).Length;
}
