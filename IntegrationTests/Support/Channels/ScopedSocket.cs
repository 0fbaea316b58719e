using System.Text.Json.Nodes;
using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Support.Channels;

/// <summary>A scoped service of a socket or a channel. Reports its disposal and its user.</summary>
internal sealed class ScopedService(TestState state) : IAsyncDisposable
{
    public string User { get; set; } = "nobody";

    public async ValueTask DisposeAsync()
    {
        await Task.Yield();
        state.Events.Add($"service of {User} disposed");
    }
}

/// <summary>A service that is never registered.</summary>
internal sealed class MissingService;

/// <summary>Reports its disposal; <c>end</c> in its params says how it refuses a client.</summary>
internal sealed class ScopedSocket : PhoenixSocket, IAsyncDisposable
{
    private static readonly ChannelRoutes Routes = new ChannelRoutes()
        .Channel<UnmadeChannel>("unmade:*")
        .Channel<SyncChannel>("sync:*")
        .Channel<ScopedChannel>("*");

    private readonly TestState _state;
    private string? _end;

    public ScopedSocket(TestState state, ScopedService service)
    {
        _state = state;
        service.User = "socket";
    }

    public bool IsDisposed { get; private set; }

    protected override string? Id => _end == "throw in Id" ? throw new InvalidOperationException("secret") : "scoped";

    protected override ChannelRoutes Channels => Routes;

    public async ValueTask DisposeAsync()
    {
        await Task.Yield();
        IsDisposed = true;
        _state.Events.Add("socket disposed");
    }

    protected override async Task<ConnectResult> ConnectAsync(
        JsonObject @params, ConnectInfo connectInfo, CancellationToken cancellationToken)
    {
        _end = (string?)@params["end"];
        if (_end == "wait")
        {
            _state.Events.Add("connecting", CancellationToken.None);
            await _state.WaitAsync("never", cancellationToken);
        }

        return _end switch
        {
            "refuse" => ConnectResult.Refuse(),
            "throw" => throw new InvalidOperationException("secret"),
            _ => ConnectResult.Ok(),
        };
    }
}

/// <summary>Reports its end; <c>end</c> in its join's payload says how it refuses.</summary>
internal sealed class ScopedChannel : Channel<ScopedSocket>, IAsyncDisposable
{
    private readonly TestState _state;
    private readonly ScopedService _service;
    private string? _end;

    public ScopedChannel(TestState state, ScopedService service)
    {
        (_state, _service) = (state, service);
        service.User = "channel";
    }

    public async ValueTask DisposeAsync()
    {
        await Task.Yield();
        if (_end == "hang")
        {
            await _state.WaitAsync("never", CancellationToken.None);
        }

        _state.Events.Add(Socket.IsDisposed ? "socket was disposed before" : "channel disposed");
        if (_end == "throw")
        {
            throw new InvalidOperationException("secret");
        }
    }

    protected override Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken)
    {
        _end = (string?)payload.ToNode()!["end"];
        return _end == "crash" ? throw new InvalidOperationException("secret")
            : Task.FromResult(_end == "refuse" ? JoinResult.Error("no") : JoinResult.Ok());
    }

    protected override Task<PushResult> HandleInAsync(
        string @event, Payload payload, CancellationToken cancellationToken) => @event switch
        {
            "crash" => throw new InvalidOperationException("secret"),
            "stop" => Task.FromResult(PushResult.Stop()),
            _ => Task.FromResult(PushResult.Ok(Payload.FromJson($$"""{"service":{{_service.GetHashCode()}}}"""))),
        };

    protected override async Task TerminateAsync(TerminateReason reason, CancellationToken cancellationToken)
    {
        await Task.Yield();
        _state.Events.Add("terminated", CancellationToken.None);
    }
}

/// <summary>Can only be disposed of synchronously.</summary>
internal sealed class SyncChannel(TestState state) : Channel, IDisposable
{
    public void Dispose() => state.Events.Add("channel disposed");

    protected override Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken) =>
        Task.FromResult(JoinResult.Ok());
}

/// <summary>Cannot be created: one of its services is not registered.</summary>
internal sealed class UnmadeChannel : Channel
{
    public UnmadeChannel(ScopedService service, MissingService missing) => (_, service.User) = (missing, "");

    protected override Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("It cannot have been made.");
}

/// <summary>The same for a socket.</summary>
internal sealed class UnmadeSocket : PhoenixSocket
{
    public UnmadeSocket(ScopedService service, MissingService missing) => (_, service.User) = (missing, "");

    protected override ChannelRoutes Channels => throw new InvalidOperationException("It cannot have been made.");
}
