using System.Text;

namespace Kaffediem.Benchmarks.Load;

/// <summary>
/// How a kind of server is spoken to: what a subscriber says after the upgrade, and what it is answered.
/// </summary>
/// <param name="Path">Of the WebSocket.</param>
/// <param name="Hello">The frames that subscribe, all sent at once.</param>
/// <param name="Answers">How many messages answer them.</param>
/// <param name="Expected">What the last answer has in it if all is well.</param>
/// <param name="Terminator">What ends a message, where that is not the end of its frame.</param>
internal sealed record Dialect(
    string Path, ReadOnlyMemory<byte> Hello, int Answers, ReadOnlyMemory<byte> Expected, byte? Terminator)
{
    /// <summary>SignalR's record separator: bursts come as several messages in a frame.</summary>
    private const byte RecordSeparator = 0x1e;

    /// <param name="name"><c>phoenix</c>, also spoken by the bare broadcasters; <c>signalr</c>; or <c>echo</c>.</param>
    /// <param name="topic">What to subscribe to.</param>
    /// <param name="joinOptions">JSON, for a Phoenix join.</param>
    public static Dialect Named(string name, string topic, string joinOptions) => name switch
    {
        "phoenix" => Phoenix(topic, joinOptions),
        "signalr" => SignalR(topic),
        "echo" => Echo(),
        _ => throw new ArgumentException($"No server speaks \"{name}\"."),
    };

    private static Dialect Phoenix(string topic, string joinOptions) => new(
        "/socket/websocket?vsn=2.0.0",
        ClientFrame.Text($$$"""["1","1","{{{topic}}}","phx_join",{"options":{{{joinOptions}}}}]"""),
        Answers: 1,
        "\"status\":\"ok\""u8.ToArray(),
        Terminator: null);

    // The handshake and an invocation, both of SignalR's JSON hub protocol.
    private static Dialect SignalR(string topic) => new(
        "/hub",
        (byte[])
        [
            .. ClientFrame.Text("{\"protocol\":\"json\",\"version\":1}\u001e"),
            .. ClientFrame.Text(
                $"{{\"type\":1,\"invocationId\":\"1\",\"target\":\"Join\",\"arguments\":[\"{topic}\"]}}\u001e"),
        ],
        Answers: 2,
        "\"type\":3"u8.ToArray(),
        RecordSeparator);

    private static Dialect Echo() => new(
        "/socket/websocket", ClientFrame.Text("hello"), Answers: 1, Encoding.UTF8.GetBytes("hello"), Terminator: null);
}
