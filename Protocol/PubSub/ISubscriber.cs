namespace Kaffediem.Protocol;

/// <summary>The channel that a <see cref="Subscription"/> delivers to.</summary>
internal interface ISubscriber
{
    string Topic { get; }

    /// <summary>The events of <see cref="OnIntercepted"/>. Read once.</summary>
    IReadOnlySet<string> Intercepts { get; }

    /// <summary>Whether the client can receive binary payloads.</summary>
    bool SupportsBinary { get; }

    /// <summary>Called instead of sending an intercepted broadcast. Must only queue it.</summary>
    void OnIntercepted(string @event, Payload payload);

    /// <summary>
    /// A binary broadcast was withheld from a client that does not support it, and nothing is delivered any more.
    /// </summary>
    void OnMissed();
}
