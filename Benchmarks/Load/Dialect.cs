using System.Text;

namespace Kaffediem.Benchmarks.Load;

/// <summary>
/// The protocol of a kind of server: the frames that a subscriber sends after the upgrade, and the expected answer.
/// </summary>
/// <param name="Path">The path of the WebSocket.</param>
/// <param name="Hello">The frames that subscribe, sent together.</param>
/// <param name="Answers">The number of messages that answer them.</param>
/// <param name="Expected">The bytes that the last answer contains on success.</param>
/// <param name="Terminator">The byte that ends a message; <c>null</c> if the end of its frame does.</param>
internal sealed record Dialect(
    string Path, ReadOnlyMemory<byte> Hello, int Answers, ReadOnlyMemory<byte> Expected, byte? Terminator)
{
    /// <summary>SignalR's record separator: in bursts, a frame contains several messages.</summary>
    private const byte RecordSeparator = 0x1e;

    /// <param name="name"><c>phoenix</c>, also spoken by the bare broadcasters; <c>signalr</c>; or <c>echo</c>.</param>
    /// <param name="topic">The topic to subscribe to.</param>
    /// <param name="joinOptions">The options of a Phoenix join, in JSON.</param>
    public static Dialect Named(string name, string topic, string joinOptions) => name switch
    {
        "phoenix" => Phoenix(topic, joinOptions),
        "signalr" => SignalR(topic),
        "echo" => Echo(),
        _ => throw new ArgumentException($"There is no dialect \"{name}\"."),
    };

    private static Dialect Phoenix(string topic, string joinOptions) => new(
        "/socket/websocket?vsn=2.0.0",
        ClientFrame.Text($$$"""["1","1","{{{topic}}}","phx_join",{"options":{{{joinOptions}}}}]"""),
        Answers: 1,
        "\"status\":\"ok\""u8.ToArray(),
        Terminator: null);

    // The handshake and an invocation of SignalR's JSON hub protocol.
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
