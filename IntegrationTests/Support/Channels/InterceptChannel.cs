using System.Collections.Frozen;
using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Support.Channels;

/// <summary>Intercepts some broadcasts.</summary>
internal sealed class InterceptChannel(TestState state) : Channel
{
    private static readonly FrozenSet<string> Events = FrozenSet.Create(
        "whisper", "pass_on", "as_text", "crash", "stop");

    private string _name = "";

    protected override IReadOnlySet<string> Intercepts => Events;

    protected override async Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken)
    {
        var parameters = payload.ToElement();
        if (parameters.TryGetProperty("wait", out var gate))
        {
            state.Events.Add($"joining {Topic}", CancellationToken.None);
            await state.WaitAsync(gate.GetString()!, cancellationToken);
        }

        _name = parameters.TryGetProperty("name", out var name) ? name.GetString()! : "";
        return JoinResult.Ok(
            default, parameters.TryGetProperty("position", out var position) ? position.GetInt64() : 0);
    }

    protected override async Task<PushResult> HandleInAsync(
        string @event, Payload payload, CancellationToken cancellationToken)
    {
        state.Events.Add($"waiting {Topic}", CancellationToken.None);
        await state.WaitAsync(@event, cancellationToken);
        return PushResult.Ok();
    }

    protected override Task HandleOutAsync(string @event, Payload payload, CancellationToken cancellationToken)
    {
        switch (@event)
        {
            case "whisper": // to one of them, and not a word of it to the others
                if (payload.ToElement().GetProperty("to").GetString() == _name)
                {
                    Push("whispered", payload);
                }

                return Task.CompletedTask;
            case "as_text" when !SupportsBinary:
                Push("as_text", Payload.FromJson("""{"text":true}"""));
                return Task.CompletedTask;
            case "crash": throw new InvalidOperationException("secret");
            case "stop":
                Stop();
                Stop(); // a second stop does no harm
                return Task.CompletedTask;
            default: return base.HandleOutAsync(@event, payload, cancellationToken);
        }
    }

    protected override Task TerminateAsync(TerminateReason reason, CancellationToken cancellationToken)
    {
        state.Events.Add($"terminated {Topic}: {reason}", CancellationToken.None);
        return Task.CompletedTask;
    }
}
