using System.Collections.Frozen;
using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Support.Channels;

/// <summary>Leaves its replies to the test.</summary>
internal sealed class LaterChannel(TestState state) : Channel
{
    private static readonly FrozenSet<string> Events = FrozenSet.Create("out");

    protected override IReadOnlySet<string> Intercepts => Events;

    protected override Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken) =>
        Task.FromResult(JoinResult.Ok(Try()));

    protected override async Task<PushResult> HandleInAsync(
        string @event, Payload payload, CancellationToken cancellationToken)
    {
        await Task.Yield();
        switch (@event)
        {
            case "later":
                state.Refs.Add(SocketRef, CancellationToken.None);
                return PushResult.NoReply;
            case "stop":
                state.Refs.Add(SocketRef, CancellationToken.None);
                return PushResult.Stop();
            case "try":
                Push("tried", Try());
                return PushResult.NoReply;
            default: return UnknownEvent(@event);
        }
    }

    protected override Task HandleOutAsync(string @event, Payload payload, CancellationToken cancellationToken)
    {
        Push("tried", Try());
        return Task.CompletedTask;
    }

    protected override Task TerminateAsync(TerminateReason reason, CancellationToken cancellationToken)
    {
        state.Events.Add($"terminated {Topic}: {reason}", CancellationToken.None);
        return Task.CompletedTask;
    }

    private Payload Try()
    {
        try
        {
            _ = SocketRef;
            return Payload.Empty;
        }
        catch (InvalidOperationException exception)
        {
            return Payload.FromJson($$"""{"thrown":"{{exception.GetType().Name}}"}""");
        }
    }
}
