using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Kaffediem.Protocol;

/// <summary>
/// The limits and timeouts of every socket of the application. All are on by default, and this class is the one place
/// where the defaults stand.
/// </summary>
public sealed class PhoenixOptions
{
    /// <summary>How deeply JSON may be nested where no option says less.</summary>
    internal const int DeepestJson = 1000;

    private const string ShortestTime = "00:00:00.001";
    private const string LongestTime = "1.00:00:00";

    /// <summary>
    /// The longest message that a client may send, in bytes (default 65,536). A longer one closes with 1009.
    /// </summary>
    [Range(1, int.MaxValue)]
    [Description("the longest message of a client, in bytes; a longer one closes its connection")]
    public int MaxMessageBytes { get; set; } = 64 * 1024;

    /// <summary>The longest topic, in bytes of UTF-8 (default 1,024). A longer one is answered with an error.</summary>
    [Range(1, int.MaxValue)]
    [Description("the longest topic, in bytes of UTF-8; a longer one gets an error")]
    public int MaxTopicBytes { get; set; } = 1024;

    /// <summary>The longest event, in bytes of UTF-8 (default 1,024). A longer one is answered with an error.</summary>
    [Range(1, int.MaxValue)]
    [Description("the longest event name, in bytes of UTF-8; a longer one gets an error")]
    public int MaxEventBytes { get; set; } = 1024;

    /// <summary>
    /// How deeply a message's JSON may be nested, the message itself included (default 64). A deeper one closes with
    /// 1011, like any other malformed message.
    /// </summary>
    [Range(2, DeepestJson)]
    [Description("how deeply a client's JSON may be nested")]
    public int MaxJsonDepth { get; set; } = 64;

    /// <summary>How many topics a socket may have joined at the same time (default 100, as in Phoenix).</summary>
    [Range(1, int.MaxValue)]
    [Description("how many topics a connection may have joined at the same time")]
    public int MaxChannelsPerSocket { get; set; } = 100;

    /// <summary>
    /// How many messages and pings a client may send per second in the long run (default 200). A client that has also
    /// used up <see cref="MaxMessageBurst"/> gets an error as reply and is closed with 1008.
    /// </summary>
    [Range(1, int.MaxValue)]
    [Description("how many messages a client may send per second in the long run")]
    public int MaxMessagesPerSecond { get; set; } = 200;

    /// <summary>How many messages a client may send at once beyond that rate (default 2,000).</summary>
    [Range(1, int.MaxValue)]
    [Description("how many messages a client may send at once beyond that rate")]
    public int MaxMessageBurst { get; set; } = 2000;

    /// <summary>
    /// How many bytes of replies a connection may ask for per second in the long run (default 1 MiB). Once it has also
    /// used up <see cref="MaxReplyBurstBytes"/>, its joins and pushes get an error as reply; phoenix.js repeats the
    /// joins.
    /// </summary>
    [Range(1, int.MaxValue)]
    [Description("how many bytes of replies a connection may ask for per second in the long run")]
    public int MaxReplyBytesPerSecond { get; set; } = 1024 * 1024;

    /// <summary>
    /// How many bytes of replies a connection may ask for at once beyond that rate (default 64 MiB: a list of 1 MB,
    /// fifty times). One reply of each topic always fits, however long it is.
    /// </summary>
    [Range(1, int.MaxValue)]
    [Description("how many bytes of replies a connection may ask for at once beyond that rate")]
    public int MaxReplyBurstBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// How many bytes of replies all connections of one address, of one /64 network of IPv6, or of one signed-in user
    /// may ask for per second in the long run (default 64 MiB). Connections that have ended count too. Beyond
    /// <see cref="MaxReplyBurstBytesPerClient"/> their joins and pushes get the same error as reply.
    /// </summary>
    [Range(1, long.MaxValue)]
    [Description("the same rate for all connections of an address, a /64 network of IPv6, or a user, in bytes")]
    public long MaxReplyBytesPerSecondPerClient { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// How many bytes of replies these connections may ask for at once beyond that rate (default 4 GiB: 10,000 screens
    /// behind one router that join a list of 400 kB within a second). All clients behind one router, or behind a proxy
    /// whose forwarded headers are not used, share one address.
    /// </summary>
    [Range(1, long.MaxValue)]
    [Description("how many bytes of replies these connections may ask for at once beyond that rate")]
    public long MaxReplyBurstBytesPerClient { get; set; } = 4L * 1024 * 1024 * 1024;

    /// <summary>
    /// How many messages may wait for one channel (default 1,000). Further ones are refused with an error.
    /// </summary>
    [Range(1, int.MaxValue)]
    [Description("how many messages may wait for one channel; further ones get an error")]
    public int MaxQueuedMessages { get; set; } = 1000;

    /// <summary>
    /// How many presences one key may have on a topic (default 100): as a rule, the screens of one user. Each of them
    /// is sent to everyone on the topic. <see cref="Presence.Track"/> tracks no further one.
    /// </summary>
    [Range(1, int.MaxValue)]
    [Description("how many presences one key, as a rule the screens of one user, may have on a topic")]
    public int MaxPresencesPerKey { get; set; } = 100;

    /// <summary>
    /// How many bytes of broadcasts and pushes may wait to be sent to one client (default 1 MiB). Replies, which the
    /// client asked for, may take 16 times as many besides. A client that reads more slowly is cut off with 1013. One
    /// frame always fits, however long it is.
    /// </summary>
    [Range(1, int.MaxValue)]
    [Description("how many bytes of broadcasts may wait for one client before it is cut off")]
    public int MaxOutboxBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// How many connections there may be at the same time, long-poll sessions included (default 65,536). Further ones
    /// are refused with 503.
    /// </summary>
    [Range(1, int.MaxValue)]
    [Description("how many sockets and event streams may be connected; further ones get 503")]
    public int MaxConnections { get; set; } = 65_536;

    /// <summary>
    /// How many of them may come from one address, or from one /64 network of IPv6 (default 16,384). Further ones are
    /// refused with 429. All clients behind one router, or behind a proxy whose forwarded headers are not used, share
    /// one address.
    /// </summary>
    [Range(1, int.MaxValue)]
    [Description("how many of them may come from one address, or a /64 network of IPv6; further ones get 429")]
    public int MaxConnectionsPerAddress { get; set; } = 16_384;

    /// <summary>
    /// The share of both that is reserved for signed-in users, in percent (default 10). A user is whom ASP.NET Core's
    /// authentication has found, and can have as many of the reserved places as one address.
    /// </summary>
    [Range(0, 90)]
    [Description("the share of both that is reserved for signed-in users, in percent")]
    public int KeptForUsersPercent { get; set; } = 10;

    /// <summary>
    /// How many long-poll sessions there may be that were opened but never polled (default 8,192). They take no place
    /// among the connections. A further one ends the oldest, whose client opens another if it comes back.
    /// </summary>
    [Range(1, int.MaxValue)]
    [Description("how many long-poll sessions may be open that were never polled; a further one ends the oldest")]
    public int MaxUnprovenSessions { get; set; } = 8192;

    /// <summary>How many of them may come from one address, or from one /64 network of IPv6 (default 2,048).</summary>
    [Range(1, int.MaxValue)]
    [Description("how many of them may be of one address, or a /64 network of IPv6")]
    public int MaxUnprovenSessionsPerAddress { get; set; } = 2048;

    /// <summary>
    /// How many bytes may be held of bodies and messages whose end has not arrived (default 128 MiB), and as many again
    /// for signed-in users. Long-poll bodies, WebSocket messages and frames count, and what the application counts
    /// (<see cref="UnfinishedInput"/>). Further bodies are refused with 503, and further messages close with 1013.
    /// </summary>
    [Range(1, long.MaxValue)]
    [Description("how many bytes of bodies and messages whose end has not arrived are held; further ones get 503")]
    public long MaxUnfinishedBytes { get; set; } = 128 * 1024 * 1024;

    /// <summary>
    /// How many of these bytes may be of one address, of one /64 network of IPv6, or of one signed-in user (default 64
    /// MiB). Further bodies are refused with 429, and further messages close with 1013. The only body or message of a
    /// client is always held.
    /// </summary>
    [Range(1, long.MaxValue)]
    [Description("how many of these bytes may be of an address, a /64 network of IPv6, or a user; others get 429")]
    public long MaxUnfinishedBytesPerClient { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// How long a socket may be without a frame from its client before it is closed with 1002 (default 60 s).
    /// </summary>
    [Range(typeof(TimeSpan), ShortestTime, LongestTime)]
    [Description("how long a client may be silent before its connection is closed")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long a client may read nothing while something waits to be sent to it, before it is cut off with 1013
    /// (default 10 s).
    /// </summary>
    [Range(typeof(TimeSpan), ShortestTime, LongestTime)]
    [Description("how long a client may read nothing of what waits for it before it is cut off")]
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a client may take to answer a close before it is cut off (default 5 s).</summary>
    [Range(typeof(TimeSpan), ShortestTime, LongestTime)]
    [Description("how long a client may take to answer a close before it is cut off")]
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a poll waits for something to send (default 10 s, as in Phoenix). A long-poll session ends when it is
    /// not polled for 1.5 times as long.
    /// </summary>
    [Range(typeof(TimeSpan), ShortestTime, LongestTime)]
    [Description("how long a poll waits for something to send")]
    public TimeSpan LongPollWindow { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a channel may take to end: to finish its handler when its topic is joined again, and to run
    /// <see cref="Channel.TerminateAsync"/> (default 5 s, as in Phoenix).
    /// </summary>
    [Range(typeof(TimeSpan), ShortestTime, LongestTime)]
    [Description("how long a channel may take to end")]
    public TimeSpan ChannelShutdownTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Over how long the closing of all connections is spread when the server stops (default 2 s), so that the clients
    /// do not all come back at once. It has to fit into the host's <c>ShutdownTimeout</c>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", LongestTime)]
    [Description("over how long the closing of all connections is spread at a stop")]
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How many connections are closed at a time when the server stops (default 1,000).</summary>
    [Range(1, int.MaxValue)]
    [Description("how many connections are closed at a time at a stop")]
    public int DrainBatchSize { get; set; } = 1000;

    /// <summary>
    /// Whether the log of a crash holds the messages of its exceptions (default: only in the Development environment).
    /// They help to find the fault, but they often quote a payload. When a channel's constructor throws or one of its
    /// services is not registered, the messages are logged in any case.
    /// </summary>
    [Description("whether the log of a crash holds the messages of its exceptions, which often quote a payload")]
    public bool LogExceptionMessages { get; set; }
}

/// <summary>Checks the options; its code is generated from their annotations.</summary>
[OptionsValidator]
internal sealed partial class PhoenixOptionsValidator : IValidateOptions<PhoenixOptions>;
