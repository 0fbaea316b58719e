using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Support.Channels;

/// <summary>
/// Joins the group in its params. <c>snapshot</c> holds broadcasts until the gate <c>wait</c> opens, and then replies
/// with the snapshot at <c>position</c>.
/// </summary>
internal sealed class GroupChannel(TestState state) : Channel
{
    protected override Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken)
    {
        Group = payload.ToElement().TryGetProperty("group", out var group) ? group.GetString() : null;
        return Task.FromResult(JoinResult.Ok());
    }

    protected override async Task<PushResult> HandleInAsync(
        string @event, Payload payload, CancellationToken cancellationToken)
    {
        var parameters = payload.ToElement();
        HoldBroadcasts();
        state.Events.Add("holding", CancellationToken.None);
        await state.WaitAsync(parameters.GetProperty("wait").GetString()!, cancellationToken);
        return @event == "snapshot" ? PushResult.Ok(payload, parameters.GetProperty("position").GetInt64())
            : @event == "refuse" ? PushResult.Error(payload)
            : throw new InvalidOperationException("secret");
    }
}
