using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Kaffediem.Protocol;

/// <summary>
/// How one topic calls its application's handlers: with a token that is cancelled when the client has gone or joins
/// again, without waiting for a handler that ignores it, and with a line in the log for each crash.
/// </summary>
[SuppressMessage(
    "Reliability", "CA1001", Justification = "A CancellationTokenSource that links to no other holds nothing.")]
internal sealed partial class HandlerCalls(string topic, SocketServices services)
{
    // Of the current join. Never disposed of: other threads may cancel it at any time.
    private CancellationTokenSource? _stop;
    private bool _isCutShort;

    /// <summary>
    /// Whether the connection has ended: an exception of a handler that was cancelled for that is not a fault.
    /// </summary>
    public bool IsCutShort => Volatile.Read(ref _isCutShort);

    /// <summary>A join begins.</summary>
    /// <returns><c>false</c> when the connection has ended.</returns>
    public bool TryBegin()
    {
        // Interlocked here and in Cancel: a full barrier between the write and the read that follows. Either Cancel
        // sees this token source, or this method sees that the connection has ended.
        Interlocked.Exchange(ref _stop, new CancellationTokenSource());
        return !IsCutShort;
    }

    /// <summary>The join is refused, or its channel has ended.</summary>
    public void End() => _stop = null;

    /// <summary>Gives the handler that runs now a few seconds (Phoenix: <c>shutdown: 5_000</c>).</summary>
    public void HurryUp() => Volatile.Read(ref _stop)?.CancelAfter(services.Options.ChannelShutdownTimeout);

    /// <summary>The connection has ended: cancels the handler that runs now, and those after it.</summary>
    public void Cancel()
    {
        Interlocked.Exchange(ref _isCutShort, true);
        Volatile.Read(ref _stop)?.Cancel();
    }

    public Task<JoinResult> JoinAsync(Channel channel, Payload payload)
    {
        var token = Token;
        return UnlessCancelled(channel.JoinAsync(payload, token), token);
    }

    public Task<PushResult> HandleInAsync(Channel channel, Message message)
    {
        var token = Token;
        return UnlessCancelled(channel.HandleInAsync(message.Event, message.Payload, token), token);
    }

    public Task HandleOutAsync(InterceptedBroadcast broadcast)
    {
        var token = Token;
        return broadcast.Channel.HandleOutAsync(broadcast.Event, broadcast.Payload, token).WaitAsync(token);
    }

    /// <summary>Calls <see cref="Channel.TerminateAsync"/>. Never throws.</summary>
    public async Task TerminateAsync(Channel channel, TerminateReason reason)
    {
        // Not the channel's own token, which may be cancelled: tidying up gets a time of its own.
        using var patience = new CancellationTokenSource(services.Options.ChannelShutdownTimeout, services.Time);
        try
        {
            await channel.TerminateAsync(reason, patience.Token).WaitAsync(patience.Token);
        }
        catch (Exception exception)
        {
            LogCrashed(exception, nameof(Channel.TerminateAsync), isConstruction: false);
        }
    }

    /// <summary>Logs that a handler crashed, unless it was cancelled because the client has gone.</summary>
    public void LogCrash(Exception exception, string @event, bool isConstruction = false)
    {
        if (!IsCutShort)
        {
            LogCrashed(exception, @event, isConstruction);
        }
    }

    private CancellationToken Token =>
        _stop?.Token ?? throw new InvalidOperationException("There is no channel whose handlers could be called.");

    // A handler that ignores its cancellation is left behind: .NET cannot kill it, and the topic must go on.
    private static Task<T> UnlessCancelled<T>(Task<T> handling, CancellationToken token) =>
        handling.IsCompleted ? handling : handling.WaitAsync(token);

    // A constructor has not seen the payload, so its exception cannot quote it, and its message may be logged.
    private void LogCrashed(Exception exception, string @event, bool isConstruction)
    {
        if (services.MayLog(exception))
        {
            var withMessages = isConstruction || services.Options.LogExceptionMessages;
            Log.Crashed(services.Logger, topic, @event, Crash.Describe(exception, withMessages));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "A channel of topic \"{Topic}\" crashed in \"{Event}\": {Crash}")]
        public static partial void Crashed(ILogger logger, ClientText topic, ClientText @event, string crash);
    }
}
