namespace Kaffediem.Protocol;

/// <summary>What can lie in a topic's mailbox. Nearly always it is the client's <see cref="Message"/>.</summary>
internal abstract record MailboxItem
{
    /// <summary>Completed once the topic has dealt with it, where somebody waits for that.</summary>
    public TaskCompletionSource? Handled { get; init; }
}

/// <summary>The connection is gone: the last item there is.</summary>
internal sealed record SocketGone : MailboxItem
{
    public static readonly SocketGone Instance = new();
}

/// <summary>Meant for one channel, and dropped once that has ended: the topic may have been joined anew.</summary>
internal abstract record ChannelItem(Channel Channel) : MailboxItem;

/// <summary>A broadcast that the channel intercepts.</summary>
internal sealed record InterceptedBroadcast(Channel Channel, string Event, Payload Payload) : ChannelItem(Channel);

/// <summary>The channel wants to end.</summary>
internal sealed record StopRequest(Channel Channel) : ChannelItem(Channel);

/// <summary>Means nothing to the channel; when it is handled, everything before it has been.</summary>
internal sealed record Milestone : MailboxItem;

/// <summary>A binary broadcast was kept from a client that takes none.</summary>
internal sealed record MissedBroadcast(Channel Channel) : ChannelItem(Channel);
