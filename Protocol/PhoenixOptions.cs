using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Kaffediem.Protocol;

/// <summary>The limits and timeouts of every socket of the application. All are on by default.</summary>
public sealed class PhoenixOptions : IValidatableObject
{
    /// <summary>How deeply JSON may be nested where no option says less.</summary>
    internal const int DeepestJson = 1000;

    /// <summary>
    /// The longest message a client may send, in bytes (default 65,536). A longer one closes with 1009.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxMessageBytes { get; set; } = 64 * 1024;

    /// <summary>
    /// How long a topic may be, in bytes of UTF-8 (default 1,024). A longer one is answered with an error.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxTopicBytes { get; set; } = 1024;

    /// <summary>
    /// How long an event may be, in bytes of UTF-8 (default 1,024). A longer one is answered with an error.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxEventBytes { get; set; } = 1024;

    /// <summary>
    /// How deeply a message's JSON may be nested, the message itself included (default 64). A deeper one closes with
    /// 1011, as everything that is no message.
    /// </summary>
    [Range(2, DeepestJson)]
    public int MaxJsonDepth { get; set; } = 64;

    /// <summary>How many topics a socket may have joined at once (default 100, as Phoenix).</summary>
    [Range(1, int.MaxValue)]
    public int MaxChannelsPerSocket { get; set; } = 100;

    /// <summary>
    /// How many messages and pings a client may send per second in the long run (default 200). One that has also used
    /// up <see cref="MaxMessageBurst"/> gets an error as reply and is closed with 1008.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxMessagesPerSecond { get; set; } = 200;

    /// <summary>How many messages a client may send at once beyond that rate (default 2,000).</summary>
    [Range(1, int.MaxValue)]
    public int MaxMessageBurst { get; set; } = 2000;

    /// <summary>
    /// How many bytes of replies a connection may ask for per second in the long run (default 1 MiB). A join or push of
    /// one that has also used up <see cref="MaxReplyBurstBytes"/> gets an error as reply, after which phoenix.js joins
    /// again.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxReplyBytesPerSecond { get; set; } = 1024 * 1024;

    /// <summary>
    /// How many bytes of replies a connection may ask for at once beyond that rate (default 64 MiB: a list of 1 MB,
    /// fifty times). One reply of each topic always fits, however long.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxReplyBurstBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// How many bytes of replies all connections of one address, or of one /64 network of IPv6, or of one signed-in
    /// user may ask for per second in the long run (default 64 MiB), those that have ended since included. Joins and
    /// pushes of a client that has also used up <see cref="MaxReplyBurstBytesPerClient"/> get the same error as reply.
    /// </summary>
    [Range(1, long.MaxValue)]
    public long MaxReplyBytesPerSecondPerClient { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// How many bytes of replies they may ask for at once beyond that rate (default 4 GiB: 10,000 screens behind one
    /// router that join a list of 400 kB within a second). All clients behind one router, or behind a proxy whose
    /// forwarded headers are not used, share one address.
    /// </summary>
    [Range(1, long.MaxValue)]
    public long MaxReplyBurstBytesPerClient { get; set; } = 4L * 1024 * 1024 * 1024;

    /// <summary>
    /// How many messages may wait for one channel (default 1,000). Further ones are refused with an error.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxQueuedMessages { get; set; } = 1000;

    /// <summary>
    /// How many presences one key may have on a topic (default 100): the screens of one user, as a rule. Everyone on
    /// the topic is sent each of them. <see cref="Presence.Track"/> tracks no further one.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxPresencesPerKey { get; set; } = 100;

    /// <summary>
    /// How many bytes of broadcasts and pushes may wait to be sent to one client (default 1 MiB); replies, which it
    /// asked for, may take 16 times as many beside them. A client that reads more slowly is cut off with 1013. One
    /// frame always fits, however long.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxOutboxBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// How many connections there may be at once, long-poll sessions included (default 65,536). Further ones are
    /// refused with 503.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxConnections { get; set; } = 65_536;

    /// <summary>
    /// How many of them may come from one address, or from one /64 network of IPv6 (default 16,384). Further ones are
    /// refused with 429. All clients behind one router, or behind a proxy whose forwarded headers are not used, share
    /// one.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxConnectionsPerAddress { get; set; } = 16_384;

    /// <summary>
    /// How much of both is kept for signed-in users, in percent (default 10): other clients get the rest only. A user
    /// is what ASP.NET Core's authentication has found, and can have as many of the kept places as one address.
    /// </summary>
    [Range(0, 90)]
    public int KeptForUsersPercent { get; set; } = 10;

    /// <summary>
    /// How many long-poll sessions there may be that were opened but never polled (default 8,192). They take no place
    /// among the connections. A further one ends the oldest; its client, if it comes back, opens another.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxUnprovenSessions { get; set; } = 8192;

    /// <summary>How many of them may come from one address, or from one /64 network of IPv6 (default 2,048).</summary>
    [Range(1, int.MaxValue)]
    public int MaxUnprovenSessionsPerAddress { get; set; } = 2048;

    /// <summary>
    /// How many bytes may be held of bodies and messages whose end has not arrived, in all (default 128 MiB), and as
    /// many again for signed-in users: long-poll bodies, WebSocket messages and frames, and what the application counts
    /// (<see cref="UnfinishedInput"/>). Further ones are refused with 503, or closed with 1013.
    /// </summary>
    [Range(1, long.MaxValue)]
    public long MaxUnfinishedBytes { get; set; } = 128 * 1024 * 1024;

    /// <summary>
    /// How many of them may be of one address, or of one /64 network of IPv6, or of one signed-in user (default 64
    /// MiB). Further ones are refused with 429, or closed with 1013. The only body or message of a client is always
    /// held.
    /// </summary>
    [Range(1, long.MaxValue)]
    public long MaxUnfinishedBytesPerClient { get; set; } = 64 * 1024 * 1024;

    /// <summary>After how long without a frame from the client its socket is closed with 1002 (default 60 s).</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long a client may read nothing while something waits to be sent to it, before it is cut off with 1013
    /// (default 10 s).
    /// </summary>
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a client may take to answer a close before it is cut off (default 5 s).</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a poll waits for something to send (default 10 s, as Phoenix). A long-poll session ends when it is not
    /// polled for 1.5 times as long.
    /// </summary>
    public TimeSpan LongPollWindow { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a channel may take to end: to finish its handler when its topic is joined anew, and to run
    /// <see cref="Channel.TerminateAsync"/> (default 5 s, as Phoenix).
    /// </summary>
    public TimeSpan ChannelShutdownTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Over how long the closing of all connections is spread when the server goes down (default 2 s), so that they do
    /// not all come back at once. It has to fit into the host's <c>ShutdownTimeout</c>.
    /// </summary>
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How many connections are closed at a time when the server goes down (default 1,000).</summary>
    [Range(1, int.MaxValue)]
    public int DrainBatchSize { get; set; } = 1000;

    /// <summary>
    /// Whether the log of a crash holds the messages of its exceptions (default: only in the Development environment).
    /// They are what one needs to find the fault, but they often quote a payload. When a channel's constructor throws
    /// or one of its services is not registered, the messages are logged in any case.
    /// </summary>
    public bool LogExceptionMessages { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        (string Name, TimeSpan Value)[] times =
        [
            (nameof(IdleTimeout), IdleTimeout),
            (nameof(StallTimeout), StallTimeout),
            (nameof(CloseTimeout), CloseTimeout),
            (nameof(LongPollWindow), LongPollWindow),
            (nameof(ChannelShutdownTimeout), ChannelShutdownTimeout),
        ];
        return
        [
            .. from time in times
               where time.Value <= TimeSpan.Zero || time.Value > TimeSpan.FromDays(1)
               select new ValidationResult($"{time.Name} must be more than zero and at most a day."),
            .. DrainTime < TimeSpan.Zero || DrainTime > TimeSpan.FromDays(1)
                ? [new ValidationResult("DrainTime must not be negative and at most a day.")]
                : Array.Empty<ValidationResult>(),
        ];
    }
}

/// <summary>Checks the options; its code is generated from their annotations.</summary>
[OptionsValidator]
internal sealed partial class PhoenixOptionsValidator : IValidateOptions<PhoenixOptions>;
