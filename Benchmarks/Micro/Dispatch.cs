using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Kaffediem.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.Benchmarks.Micro;

/// <summary>
/// A broadcast to the outboxes of a topic's subscribers. The outboxes are drained each time, so they never fill.
/// </summary>
public class Dispatch
{
    private const int Subscribers = 1000;

    private static readonly Payload Change = Payload.FromJson(Encoding.UTF8.GetBytes(SampleOrder.Change(17)));

    private readonly byte[] _buffer = new byte[4096];
    private OutboxOnly[] _transports = [];
    private PubSub? _pubSub;

    /// <summary>Subscribes all connections to the topic.</summary>
    [GlobalSetup]
    public void Subscribe()
    {
        var options = new PhoenixOptions();
        var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
        _pubSub = new PubSub(options, new PhoenixMetrics(meters, new SocketRegistry(options, TimeProvider.System)));
        var serializer = new V2JsonSerializer(new JsonReaderOptions { MaxDepth = options.MaxJsonDepth });
        _transports = [.. Enumerable.Range(0, Subscribers).Select(_ => new OutboxOnly(options.MaxOutboxBytes))];
        foreach (var transport in _transports)
        {
            _pubSub.Subscribe(new Listener(), transport, serializer).Release(position: 0);
        }
    }

    /// <summary>Encodes one change, queues it a thousand times and dequeues it a thousand times.</summary>
    [Benchmark(Description = "dispatch to 1,000 outboxes and drain them")]
    public int Broadcast()
    {
        _pubSub!.Broadcast(new Broadcast("", "change", Change));
        return _transports.Sum(transport => transport.Drain(_buffer));
    }

    private sealed class Listener : Channel
    {
        protected internal override Task<JoinResult> JoinAsync(Payload @params, CancellationToken cancellationToken) =>
            throw new NotSupportedException("It never joins: it is subscribed to the topic from the start.");
    }

    /// <summary>A connection that does everything except write the bytes.</summary>
    private sealed class OutboxOnly : ITransport
    {
        private readonly Outbox _outbox;

        public OutboxOnly(int maxBytes)
        {
            _outbox = new Outbox(maxBytes);
            _outbox.Open();
        }

        public bool IsClosing => false;

        public long PendingBytes => _outbox.PendingBytes;

        public bool TakesBinary => true;

        public bool TakesRuns => true;

        public void Send(in Frame frame, bool isReply) => _outbox.Enqueue(frame, isReply);

        public void Close(CloseReason reason) => throw new InvalidOperationException($"Closed: {reason.Name}");

        public void CloseIfOverdue()
        {
        }

        public int Drain(byte[] buffer)
        {
            var length = 0;
            while (_outbox.TryTake(buffer, out var bytes))
            {
                length += bytes.Length;
            }

            return length;
        }
    }
}
