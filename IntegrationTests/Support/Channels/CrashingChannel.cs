using System.Collections.Frozen;
using System.Text;
using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Support.Channels;

/// <summary>Crashes in the callback that its join names, with an exception that quotes the payload.</summary>
internal sealed class CrashingChannel : Channel
{
    private static readonly FrozenSet<string> Events = FrozenSet.Create("out");

    private string _where = "";
    private Payload _payload;

    protected override IReadOnlySet<string> Intercepts => Events;

    protected override Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken)
    {
        _where = payload.ToElement().GetProperty("where").GetString()!;
        _payload = payload;
        CrashIn("join", payload);
        return Task.FromResult(JoinResult.Ok());
    }

    protected override async Task<PushResult> HandleInAsync(
        string @event, Payload payload, CancellationToken cancellationToken)
    {
        await Task.Yield();
        CrashIn("in", payload);
        return PushResult.Ok();
    }

    protected override Task HandleOutAsync(string @event, Payload payload, CancellationToken cancellationToken)
    {
        CrashIn("out", payload);
        return Task.CompletedTask;
    }

    protected override Task TerminateAsync(TerminateReason reason, CancellationToken cancellationToken)
    {
        CrashIn("terminate", _payload);
        return Task.CompletedTask;
    }

    private void CrashIn(string here, Payload payload)
    {
        if (_where != here)
        {
            return;
        }

        var text = Encoding.UTF8.GetString(payload.Json.Span);
        try
        {
            throw new FormatException(text);
        }
        catch (FormatException exception)
        {
            throw new InvalidOperationException(text, exception);
        }
    }
}
