namespace Kaffediem.Protocol.Testing;

/// <summary>A message as the client read it. In V1 there is no join_ref.</summary>
internal sealed record ClientMessage(
    string? JoinRef, string? Ref, string Topic, string Event, Payload Payload, string? Status = null)
{
    public bool IsReply => Event == Events.Reply;

    /// <summary>Whether it came to all subscribers of the topic. In V1 pushes look the same.</summary>
    public bool IsBroadcast => JoinRef is null && !IsReply;

    /// <summary>Whether it ends its channel.</summary>
    public bool IsEnd => Event is Events.Close or Events.Error;

    public override string ToString() =>
        $"{Event}{(Status is null ? "" : $" \"{Status}\"")} on {Topic}: {Payloads.Describe(Payload)}";
}
