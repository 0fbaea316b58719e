using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Kaffediem.Protocol;

/// <summary>The limits and timeouts of every socket of the application.</summary>
public sealed class PhoenixOptions
{
    /// <summary>The longest message a client may send, in bytes (default 65,536). A longer one closes with 1009.</summary>
    [Range(1, int.MaxValue)]
    public int MaxMessageBytes { get; set; } = 64 * 1024;

    /// <summary>How many topics a socket may have joined at once (default 100, as Phoenix).</summary>
    [Range(1, int.MaxValue)]
    public int MaxChannelsPerSocket { get; set; } = 100;

    /// <summary>How many messages may wait for one channel (default 1,000). Further ones are refused with an error.</summary>
    [Range(1, int.MaxValue)]
    public int MaxQueuedMessages { get; set; } = 1000;

    /// <summary>
    /// How many bytes of broadcasts and pushes may wait to be sent to one client (default 1 MiB); replies, which it asked
    /// for, may take 16 times as many beside them. A client that reads more slowly is cut off with 1013. One frame always
    /// fits, however long.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxOutboxBytes { get; set; } = 1024 * 1024;

    /// <summary>After how long without a frame from the client its socket is closed with 1002 (default 60 s).</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a client may take to answer a close before it is cut off (default 5 s).</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a channel may take to end: to finish its handler when its topic is joined anew, and to run
    /// <see cref="Channel.TerminateAsync"/> (default 5 s, as Phoenix).
    /// </summary>
    public TimeSpan ChannelShutdownTimeout { get; set; } = TimeSpan.FromSeconds(5);
}

/// <summary>Checks the options; its code is generated from their annotations.</summary>
[OptionsValidator]
internal sealed partial class PhoenixOptionsValidator : IValidateOptions<PhoenixOptions>;
