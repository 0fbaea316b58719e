using System.Text.Json.Nodes;
using Kaffediem.Protocol;

namespace Kaffediem.IntegrationTests.Support.Channels;

/// <summary>Counts in its own assigns and in those of its socket.</summary>
internal sealed class AssignsChannel : Channel
{
    protected override Task<JoinResult> JoinAsync(Payload payload, CancellationToken cancellationToken) =>
        Task.FromResult(JoinResult.Ok(Number(Assigns)));

    protected override Task<PushResult> HandleInAsync(
        string @event, Payload payload, CancellationToken cancellationToken)
    {
        var counted = @event == "count_socket" ? Socket.Assigns : Assigns;
        counted.Set("number", counted.Get<int>("number") + 1);
        return Task.FromResult(PushResult.Ok(Number(Assigns)));
    }

    private static Payload Number(Assigns assigns) =>
        Payload.From(JsonValue.Create(assigns.Get<int>("number")));
}
