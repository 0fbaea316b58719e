using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Protocol.Fuzz;

/// <summary>How many sockets and channels are in memory: a leaked one stays counted.</summary>
internal sealed class Living
{
    private long _count;

    public long Count => Interlocked.Read(ref _count);

    public void Begin() => Interlocked.Increment(ref _count);

    public void End() => Interlocked.Decrement(ref _count);
}

/// <summary>Accepts and stores all params.</summary>
internal sealed class FuzzSocket : PhoenixSocket
{
    private static readonly ChannelRoutes Routes =
        new ChannelRoutes().Channel<FuzzChannel>("fuzz:*").Channel<FuzzChannel>("honest");

    private readonly Living _living;

    public FuzzSocket(Living living)
    {
        _living = living;
        living.Begin();
    }

    ~FuzzSocket() => _living.End();

    protected override ChannelRoutes Channels => Routes;

    protected override Task<ConnectResult> ConnectAsync(
        JsonObject @params, ConnectInfo connectInfo, CancellationToken cancellationToken)
    {
        Assigns.Set("params", System.Text.Encoding.UTF8.GetBytes(@params.ToJsonString()));
        return Task.FromResult(@params.ContainsKey("deny") ? ConnectResult.Refuse(429) : ConnectResult.Ok());
    }
}

/// <summary>A correct application that replies to every message in every possible way.</summary>
internal sealed class FuzzChannel : Channel
{
    private static readonly FrozenSet<string> Intercepted = FrozenSet.Create("whisper");

    private readonly Living _living;

    public FuzzChannel(Living living)
    {
        _living = living;
        living.Begin();
    }

    ~FuzzChannel() => _living.End();

    protected override IReadOnlySet<string> Intercepts => Intercepted;

    protected override Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken)
    {
        Try(() => Push("early", payload));
        var isDenied = payload.IsObject && payload.ToElement().TryGetProperty("deny", out _);
        return Task.FromResult(
            isDenied ? JoinResult.Error(payload)
            : payload.IsBinary ? JoinResult.Ok(payload)
            : JoinResult.Ok(Payload.FromJson(Socket.Assigns.Get<byte[]>("params"))));
    }

    protected override async Task<PushResult> HandleInAsync(
        string @event, Payload payload, CancellationToken cancellationToken)
    {
        await Task.Yield();
        switch (@event)
        {
            case "echo": return PushResult.Ok(payload);
            case "error": return PushResult.Error(payload);
            case "status": return PushResult.Reply("teapot", payload);
            case "silent": return PushResult.NoReply;
            case "stop": return PushResult.Stop(PushResult.Ok(payload));
            case "bytes": return PushResult.Ok(Payload.FromBinary("abc"u8.ToArray()));
            case "push": return Try(() => Push("pushed", payload));
            case "shout": return Try(() => Broadcast("shouted", payload));
            case "whisper": return Try(() => BroadcastFrom("whisper", payload));
            case "later": return Try(() => AnswerLater(SocketRef, payload));
            default: return UnknownEvent(@event);
        }
    }

    protected override Task TerminateAsync(TerminateReason reason, CancellationToken cancellationToken)
    {
        Push("farewell", Payload.Empty);
        return Task.CompletedTask;
    }

    private static void AnswerLater(SocketRef @ref, Payload payload) =>
        ThreadPool.UnsafeQueueUserWorkItem(_ => Try(() => @ref.Reply("ok", payload)), null);

    // The contract lets these calls throw for payloads that are not objects, binary payloads with long names, and
    // missing refs.
    private static PushResult Try(Action send)
    {
        try
        {
            send();
            return PushResult.NoReply;
        }
        catch (Exception exception) when (
            exception is ArgumentException or NotSupportedException or InvalidOperationException)
        {
            return PushResult.Error(Payload.Reason("not possible"));
        }
    }
}
