namespace Kaffediem.Protocol;

/// <summary>
/// Limits how fast one client sends: a bucket of tokens fills at a steady rate, and every message and every ping costs
/// one. Called by one thread at a time.
/// </summary>
internal sealed class MessageRate(PhoenixOptions options, TimeProvider time)
{
    private double _tokens = options.MaxMessageBurst;
    private long _filledAt = time.GetTimestamp();

    /// <returns><c>false</c> when the client has sent too much.</returns>
    public bool TryCount()
    {
        var now = time.GetTimestamp();
        var gained = time.GetElapsedTime(_filledAt, now).TotalSeconds * options.MaxMessagesPerSecond;
        (_tokens, _filledAt) = (Math.Min(options.MaxMessageBurst, _tokens + gained), now);
        if (_tokens < 1)
        {
            return false;
        }

        _tokens--;
        return true;
    }
}
