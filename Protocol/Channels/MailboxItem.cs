namespace Kaffediem.Protocol;

/// <summary>Something that a topic has to handle.</summary>
internal abstract record MailboxItem
{
    /// <summary>
    /// Whether the mailbox's bound applies. It does for items that clients or broadcasts can send without end. Of the
    /// others, a channel posts one of each kind at most.
    /// </summary>
    public virtual bool IsBounded => false;

    /// <summary>Completed once the item has been handled; <c>null</c> where nobody waits for that.</summary>
    public TaskCompletionSource? Completion { get; init; }
}

/// <summary>A message from the client: nearly every item is one.</summary>
internal sealed record ClientMessage(Message Message) : MailboxItem
{
    public override bool IsBounded => true;
}

/// <summary>The connection has ended. No message of the client follows.</summary>
internal sealed record SocketGone : MailboxItem
{
    public static readonly SocketGone Instance = new();
}

/// <summary>An item for one channel; dropped if that channel has ended, because the topic may have been joined
/// again.</summary>
internal abstract record ChannelItem(Channel Channel) : MailboxItem;

/// <summary>A broadcast that the channel intercepts.</summary>
internal sealed record InterceptedBroadcast(Channel Channel, string Event, Payload Payload) : ChannelItem(Channel)
{
    public override bool IsBounded => true;
}

/// <summary>The channel asks to be stopped.</summary>
internal sealed record StopRequest(Channel Channel) : ChannelItem(Channel);

/// <summary>A binary broadcast was withheld from a client that does not support binary payloads.</summary>
internal sealed record MissedBroadcast(Channel Channel) : ChannelItem(Channel);

/// <summary>Does nothing. Once it has been handled, so has everything before it.</summary>
internal sealed record Milestone : MailboxItem;
